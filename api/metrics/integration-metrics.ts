import { setTimeout as sleep } from "node:timers/promises";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { readEventLog } from "../resources/event-log/queries.ts";
import type { EventLog } from "../resources/event-log/schema.ts";
import { countErp, type ErpCounts } from "../resources/erp/counts.ts";
import { countDeliveries, countWebhooks } from "../resources/webhooks/counts.ts";

/** A store that is away does not hold up the rest of a scrape for longer, milliseconds. */
const ANSWER_MS = 2_000;

type Values = readonly (readonly [Record<string, string>, number])[];

/**
 * What is told to other systems, and what fails there. Read at each scrape. What cannot be read is not shown, and is counted; the log
 * tells of it once, until all of it can be read again.
 */
export function registerIntegrationMetrics(registry: Registry, pool: Pool, logger: Logger): void {
  const log = oncePerScrape(() => readEventLog(pool));
  const readOrTell = createReader(registry, logger);
  const gauge = (name: string, help: string, labelNames: string[], read: () => Promise<Values>): void => {
    const each: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const values = await readOrTell(name, read);
        each.reset();
        for (const [labels, value] of values) each.set(labels, value);
      },
    });
    // Without a label it would be 0 before the first look.
    each.reset();
  };
  const ofFollowers = (value: (follower: EventLog["followers"][number]) => number) => async () =>
    (await log()).followers.map((follower) => [{ follower: follower.name }, value(follower)] as const);

  gauge("waystock_events_waiting", "Changes that are not in the log of events yet", [], async () => [
    [{}, (await log()).waiting],
  ]);
  gauge(
    "waystock_events_lag_seconds",
    "Age of the oldest change that is not in the log of events yet",
    [],
    async () => [[{}, (await log()).lag_seconds ?? 0]],
  );
  gauge(
    "waystock_event_follower_behind",
    "Events that one who follows the log has not done yet",
    ["follower"],
    ofFollowers(({ behind }) => behind),
  );
  gauge(
    "waystock_event_follower_lag_seconds",
    "Age of the oldest of them",
    ["follower"],
    ofFollowers(({ lag_seconds: lag }) => lag ?? 0),
  );
  gauge(
    "waystock_event_follower_failing",
    "1 while one who follows the log cannot go on",
    ["follower"],
    ofFollowers(({ failing_since: since }) => (since === null ? 0 : 1)),
  );
  gauge(
    "waystock_event_follower_missed",
    "Events that were deleted before it had them, since it began",
    ["follower"],
    ofFollowers(({ missed }) => missed),
  );
  gauge("waystock_event_log_bytes", "Room that the log of events takes in Postgres", [], async () => [
    [{}, (await log()).bytes],
  ]);
  gauge("waystock_webhook_deliveries", "Deliveries in the log of webhooks, by state", ["state"], async () =>
    (await countDeliveries(pool)).map(({ state, count }) => [{ state }, count]),
  );
  gauge(
    "waystock_webhooks",
    "Webhooks: ok, failing, turned off by people, disabled by the platform",
    ["state"],
    async () => Object.entries(await countWebhooks(pool)).map(([state, count]) => [{ state }, count]),
  );
  const erp = oncePerScrape(() => countErp(pool));
  const ofErp = (value: (counts: ErpCounts) => number) => async () =>
    (await erp()).map((counts) => [{ connection: counts.connection }, value(counts)] as const);
  const byConnection = ["connection"];
  gauge(
    "waystock_erp_failing",
    "1 while an ERP cannot be kept in step",
    byConnection,
    ofErp(({ failing }) => failing),
  );
  gauge(
    "waystock_erp_waiting",
    "Documents that are to be made in an ERP",
    byConnection,
    ofErp(({ waiting }) => waiting),
  );
  gauge(
    "waystock_erp_lag_seconds",
    "Age of the oldest of them",
    byConnection,
    ofErp(({ lagSeconds: lag }) => lag),
  );
  gauge(
    "waystock_erp_conflicts",
    "What ERP and platform do not agree on",
    byConnection,
    ofErp(({ conflicts }) => conflicts),
  );
}

/** Reads figures; those that fail or take too long are none, and are told of. */
function createReader(
  registry: Registry,
  logger: Logger,
): (metric: string, read: () => Promise<Values>) => Promise<Values> {
  const failures = new Counter({
    name: "waystock_metrics_failures_total",
    help: "Times that a metric of integration could not be read",
    labelNames: ["metric"],
    registers: [registry],
  });
  const failing = new Set<string>();
  const tooLate = async (): Promise<never> => {
    await sleep(ANSWER_MS, undefined, { ref: false });
    throw new Error(`not read within ${ANSWER_MS / 1_000} s`);
  };
  return async (metric, read) => {
    try {
      const values = await Promise.race([read(), tooLate()]);
      if (failing.delete(metric) && failing.size === 0) logger.info("the metrics of integration can be read again");
      return values;
    } catch (error) {
      failures.inc({ metric });
      if (failing.size === 0) logger.warn({ err: error, metric }, "metrics of integration cannot be read");
      failing.add(metric);
      return [];
    }
  };
}

/** All that is asked while an answer is awaited gets that answer. */
function oncePerScrape<T>(read: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= read().finally(() => (asked = undefined)));
}
