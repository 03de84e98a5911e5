import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { expect, test } from "vitest";

/*
 * Intervals, budgets, limits and ages are measured on the monotonic clock (`performance.now()`): the wall clock may be set
 * at any moment, and only stamps (docs/decisions/19-clocks.md). Here stand all places that read it, with their number.
 */

const root = join(import.meta.dirname, "..");
const PARTS = ["broker", "ingest", "api", "simulators", "infra"];
/** The page has the visitor's clock and not the server's. */
const NOT_OURS = `api${sep}dashboard${sep}`;

const WALL_CLOCK = /\bDate\.now\b|\bnew Date\(\)|(?<!new )\bDate\(\)|performance\.timeOrigin/g;

/** Reads of the wall clock by file: how many, and what for. */
const READS: Record<string, [number, string]> = {
  "api/integrations/epcis/meaning/export.ts": [1, "stamps a document"],
  "broker/auth/audit-log.ts": [1, "stamps a refusal"],
  "broker/auth/device-warnings.ts": [2, "stamps a refusal"],
  "broker/auth/authenticate.ts": [1, "an account expires at a time of day"],
  "broker/journal/kept-segments.ts": [
    2,
    "stamps files that are kept for an hour, beyond restarts; their room is bounded",
  ],
  "broker/downlink/presence.ts": [4, "stamps connections; looks whether the clock was set"],
  "broker/session/client-events.ts": [1, "stamps the state of the Sparkplug host"],
  "broker/session/sessions.ts": [1, "a token or an account says by the wall clock when it expires"],
  "broker/uplink/accept.ts": [3, "stamps the receipt of messages"],
  "ingest/stores/caches/reading-days.ts": [1, "which days get partitions"],
  "ingest/worker.ts": [1, "up to when everything was received"],
  "ingest/decisions/custody.ts": [1, "stamps entries of the custody log"],
  "ingest/decisions/lot-holds.ts": [1, "stamps that goods are on hold"],
  "ingest/workers/cleanup.ts": [1, "retention in days"],
  "ingest/workers/seconds-since.ts": [1, "how long ago the newest receipt was, for people"],
  "ingest/workers/receipt-clock.ts": [1, "looks whether the clock was set"],
  "ingest/workers/stock-reconciliation.ts": [1, "times of measurement are compared with it"],
  "api/integrations/erp/plan/goods.ts": [1, "stamps what an ERP is told of receipts"],
  "api/integrations/erp/plan/stock.ts": [1, "stamps what an ERP is told of stock"],
  "api/integrations/erp/resolve.ts": [1, "stamps what an ERP is told of stock"],
  "api/auth/oidc/bearer.ts": [1, "a token says by the wall clock when it expires"],
  "api/auth/oidc/provider.ts": [1, "a token says by the wall clock when it expires"],
  "api/auth/tokens.ts": [1, "a token says by the wall clock when it expires"],
  "api/live/feed.ts": [4, "first event id; server time for the page; looks whether the clock was set"],
  "api/integrations/webhooks/deliver.ts": [1, "stamps an attempt (Standard Webhooks)"],
  "api/integrations/epcis/query/page-token.ts": [2, "a token of a page says by the wall clock when it expires"],
  "api/integrations/epcis/query/query-document.ts": [1, "stamps a document"],
  "api/integrations/epcis/subscriptions/deliver.ts": [1, "a schedule runs at times of day"],
  "api/integrations/epcis/subscriptions/event-socket.ts": [2, "a schedule runs at times of day"],
  "api/resources/epcis/reading/stream-routes.ts": [1, "stamps from when on events are told"],
  "api/resources/epcis/reading/subscription-routes.ts": [1, "a schedule runs at times of day"],
  "api/integrations/mcp/tool-counts.ts": [1, "calls are counted by hours of the clock"],
  "api/integrations/relay/channels.ts": [1, "stamps an attempt (Standard Webhooks)"],
  "api/resources/alert-rules/routes.ts": [1, "until when the past is looked at"],
  "api/resources/alerts/routes.ts": [2, "a snooze ends at a time of day"],
  "api/resources/auth/sign-in.ts": [1, "an authenticator app shows codes by the time of day"],
  "api/resources/conditions/routes.ts": [1, "age of readings; until when a stay with a probe goes on"],
  "api/resources/calibration/weighings.ts": [1, "age of a receipt, in either direction"],
  "api/resources/analytics/report.ts": [2, "a report tells of a period that ends now"],
  "api/resources/analytics/turns.ts": [1, "a report tells of a period that ends now"],
  "api/resources/analytics/vehicles.ts": [1, "stamps a report"],
  "api/resources/report-schedules/routes.ts": [1, "a report is due at a time of day"],
  "api/resources/epcis/capture-routes.ts": [1, "a token of a page is good for a day"],
  "api/resources/commands/routes.ts": [2, "stamps when a command expires"],
  "api/resources/decoding/routes.ts": [1, "stamps a receipt"],
  "api/resources/device-tokens/routes.ts": [1, "stamps when a token expires"],
  "api/resources/devices/queries.ts": [1, "age of a receipt, in either direction"],
  "api/resources/handling-units/routes.ts": [1, "stamps what a person did"],
  "api/resources/inventory/facts.ts": [1, "stamps what a person did"],
  "api/resources/lots/lot-date.ts": [1, "a lot expires at the end of a day"],
  "api/resources/orders/free-goods.ts": [1, "stamps what a person did"],
  "api/resources/orders/pick.ts": [1, "stamps what a person did"],
  "api/resources/assets/record.ts": [2, "stamps what a person did"],
  "api/resources/orders/receive.ts": [1, "stamps what a person did"],
  "api/resources/orders/weigh-unit.ts": [1, "stamps what a person did"],
  "api/resources/orders/reserve.ts": [1, "a reservation ends at a time of day"],
  "api/resources/movements/record-movement.ts": [1, "stamps what a person did"],
  "api/resources/shipments/handling-routes.ts": [3, "stamps what a person did"],
  "api/resources/shipments/create-shipment.ts": [1, "stamps what a person did"],
  "api/resources/shipments/custody/export.ts": [1, "stamps an export"],
  "api/resources/shipments/void-event.ts": [1, "stamps what a person did"],
  "api/resources/shipments/routes.ts": [1, "stamps what a person did"],
  "api/resources/papers/routes.ts": [1, "stamps a paper"],
  "api/resources/tracking/link-routes.ts": [1, "a link ends at a time of day"],
  "api/resources/tracking/public-routes.ts": [1, "stamps an answer, and says how old its figures are"],
  "api/resources/users/routes.ts": [1, "stamps an invitation"],
  "infra/bench/reference-rows.ts": [1, "times of simulated readings"],
  "infra/bench/scales.ts": [1, "times of simulated readings"],
  "infra/bench/world.ts": [1, "times of simulated readings"],
  "infra/demo/live-line.ts": [1, "the time shown to people"],
  "infra/demo/partner/books.ts": [1, "stamps an order of the demo's partner"],
  "infra/demo/partner/partner-server.ts": [1, "the time shown to people"],
  "infra/demo/partner/signatures.ts": [1, "age of a webhook, in either direction"],
  "infra/demo/partner/trade.ts": [2, "stamps an event; how long an order has been on its way, for people"],
  "simulators/cli/main.ts": [1, "times of simulated readings"],
  "simulators/score/promise-play.ts": [1, "times of simulated readings"],
  "simulators/run/stock-play.ts": [1, "how far the world is behind the clock"],
  "simulators/run/warehouse-work.ts": [1, "lots expire so many days after the demo was started"],
  "simulators/run/simulation.ts": [1, "times of simulated readings"],
};

const SQL_COMPARISON =
  /(?<![.\w])now\(\)\s*[-+]\s*(?:interval|make_interval|\$)|[<>]=?\s*now\(\)|clock_timestamp|statement_timestamp/gi;

/** Files that compare times with the clock of Postgres, and why no step of it harms. */
const COMPARISONS: Record<string, string> = {
  "broker/downlink/queued-messages.ts": "a message expires at a time of day",
  "broker/auth/account-uses.ts": "a use is noted to the minute, and again when the clock was set back",
  "broker/downlink/presence.ts":
    "heartbeats count in either direction, and are sent again when the clock was set; days",
  "infra/postgres/limits/rules.ts": "a mount is valid from a time of day",
  "api/resources/packing-scales/queries.ts": "a mount is valid from a time of day",
  "api/integrations/reports/deliveries.ts": "leases and attempts of all relays, by one clock",
  "api/integrations/reports/plan.ts": "a report is due at a time of day",
  "api/resources/analytics/on-time.ts": "a promise passes at a time of day",
  "api/resources/alert-rules/history-queries.ts": "days of the past",
  "api/resources/alert-rules/device-history.ts": "days of the past",
  "api/resources/alert-rules/dry-run-loads.ts": "days of the past",
  "api/resources/alert-rules/dry-run-speeds.ts": "days of the past",
  "api/resources/trips/write-trip.ts": "stamps when another driver has taken over, compares nothing",
  "api/integrations/events/followers.ts":
    "leases of all relays, by one clock; a step of it may end one early, and then events come twice under the same ids",
  "api/integrations/webhooks/deliveries.ts":
    "messages are due at a time of day; a lease that a step of the clock ends early may send one twice, under the same id",
  "api/integrations/webhooks/outcome.ts": "when a message is due again; days without anything accepted",
  "api/resources/event-log/queries.ts": "age of what waits, for people",
  "api/resources/webhooks/queries.ts": "what waits for its next attempt is tried at once",
  "ingest/stores/queries/alerts/integrations.ts": "what is younger than a minute is on its way",
  "api/integrations/erp/deleted.ts": "whether a document was asked for within the hour",
  "api/integrations/erp/follow-events.ts": "when a connection is due",
  "api/integrations/erp/lease.ts": "leases, and when a connection is due",
  "api/integrations/relay/fan-out.ts": "a row that cannot be told waits for minutes",
  "api/integrations/relay/deliveries.ts":
    "messages are due at a time of day; a lease that a step of the clock ends early may send one twice, under the same id",
  "ingest/stores/queries/alerts/commit.ts": "an alert that comes back; a snooze ends at a time of day",
  "ingest/stores/queries/alerts/conditions.ts": "holds, which are counted anew when the clock was set",
  "ingest/stores/queries/alerts/devices.ts": "a mount is valid from a time of day",
  "ingest/stores/queries/alerts/stock.ts": "days",
  "ingest/stores/queries/alerts/shipments.ts": "days",
  "ingest/stores/queries/alerts/vehicles.ts": "days",
  "ingest/stores/queries/alerts/trip-stops.ts": "days",
  "ingest/stores/queries/conditions/watched-shipments.ts":
    "days; a silence counts from the receipt, and from the start of the process at most",
  "ingest/stores/queries/retention/audit-chain.ts": "retention in days",
  "ingest/stores/queries/retention/departed-tags.ts": "days",
  "ingest/stores/queries/retention/expired-rows.ts": "retention in days",
  "ingest/stores/queries/retention/old-events.ts": "retention in days",
  "ingest/stores/queries/ingest-nodes.ts": "days",
  "ingest/stores/queries/late-windows.ts":
    "when a failed derivation is tried again; a clock that was set delays it by that once",
  "ingest/stores/queries/registry/changes.ts": "how long changes are remembered; older ones are read again as a whole",
  "ingest/stores/queries/scheduled-counts.ts": "days",
  "ingest/stores/queries/eta/lane-facts.ts": "once a day; a clock that was set delays it by that once",
  "ingest/stores/queries/eta/lanes.ts": "a shipment is due at a time of day",
  "ingest/stores/queries/restock/arrival-estimates.ts":
    "trails of vehicles that were not seen for a day; an estimate is written again after a minute, or when it changes",
  "ingest/stores/queries/restock/reservations.ts": "reservations end at a time of day",
  "ingest/stores/queries/restock/order-receipts.ts": "how many days an order follows the sensors",
  "ingest/stores/queries/silent-readers.ts":
    "with the time since the clock was set; a mount is valid from a time of day",
  "ingest/stores/writes/device-messages.ts": "days until a report expires",
  "api/auth/api-client-queries.ts":
    "an expiry is a time of day; a use is noted to the minute, and again when the clock was set back",
  "api/auth/known-places.ts": "days since somebody signed in there",
  "api/auth/session-queries.ts": "a session expires at a time of day",
  "api/auth/setup-token-queries.ts": "a link expires after a day",
  "api/http/idempotency/queries.ts": "days",
  "api/live/changes.ts": "the feed resets its clients when the clock was set",
  "api/resources/erp/queries.ts": "whether somebody works on a connection",
  "api/resources/imports/run-queries.ts":
    "heartbeats of a process; a clock that is set shows an import as interrupted until the next one",
  "api/resources/commands/queries.ts": "a command expires at a time of day",
  "api/integrations/epcis/capture/captures.ts":
    "a lease of seconds: one that seems to end early is run again, and what was written is known",
  "api/integrations/epcis/subscriptions/deliveries.ts": "leases and attempts of all relays, by one clock",
  "api/integrations/epcis/repository/append.ts": "stamps a record, compares nothing",
  "api/resources/devices/refusals.ts": "days",
  "api/resources/devices/shelf-position.ts": "a mount is valid from a time of day",
  "api/auth/second-factor/queries.ts": "how long a secret that was not confirmed is kept",
  "api/resources/tracking/links.ts": "a link ends at a time of day, or days after its shipment",
  "api/resources/shipments/eta-sql.ts": "a shipment is due at a time of day",
  "api/resources/orders/expected-at.ts": "an order is expected at a time of day",
  "api/resources/users/queries.ts": "hours since somebody asked for a new password",
  "api/resources/vehicles/telemetry.ts": "who signed on a month ago is not looked for",
  "api/resources/locations/utilisation-queries.ts": "the inflow of days",
  "ingest/stores/queries/ledger-check.ts": "once a day",
  "api/resources/inventory/queries.ts": "a mount is valid from a time of day",
  "api/resources/devices/queries.ts": "heartbeats in either direction; a mount is valid from a time of day",
};

async function usesOf(pattern: RegExp): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const part of PARTS) {
    for (const entry of await readdir(join(root, part), { recursive: true })) {
      const file = join(part, entry);
      if (!/\.(ts|tsx|mjs)$/.test(file) || file.startsWith(NOT_OURS)) continue;
      const uses = (await readFile(join(root, file), "utf8")).match(pattern)?.length ?? 0;
      if (uses > 0) found[file.split(sep).join("/")] = uses;
    }
  }
  return found;
}

test("the wall clock is read in named places only, and only stamps", async () => {
  const counts = Object.fromEntries(Object.entries(READS).map(([file, [count]]) => [file, count]));
  expect(await usesOf(WALL_CLOCK)).toEqual(counts);
});

test("times are compared with the clock of Postgres in named places only", async () => {
  expect(Object.keys(await usesOf(SQL_COMPARISON)).toSorted()).toEqual(Object.keys(COMPARISONS).toSorted());
});

test.each(["const deadline = Date.now() + 5", "map(Date.now)", "new Date() > until", "Date()"])(
  "%s is found",
  (text) => {
    expect(text.match(WALL_CLOCK)).toHaveLength(1);
  },
);

test.each(["seen_at > now() - interval '1 s'", "expires_at <= now()", "x < clock_timestamp()"])(
  "%s is found",
  (text) => {
    expect(text.match(SQL_COMPARISON)?.length).toBeGreaterThan(0);
  },
);
