import type { Pool, PoolClient } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import type { OutboundEvent, RecordedEvent } from "../events/event.ts";
import { tellAsEpcis } from "../epcis/meaning/tell.ts";
import { appendEvents } from "../events/log.ts";
import { alertEvents } from "../events/sources/alerts.ts";
import { cycleCountEvents } from "../events/sources/cycle-counts.ts";
import { factEvents } from "../events/sources/facts.ts";
import { handlingUnitEvents } from "../events/sources/handling-units.ts";
import { orderEvents } from "../events/sources/orders.ts";
import { shipmentEvents } from "../events/sources/shipments.ts";
import type { OutboxRow, Source } from "../events/sources/source.ts";
import { stockEvents } from "../events/sources/stock.ts";
import { addWebhookDeliveries } from "../webhooks/matching.ts";
import { addNotifications } from "./notifications.ts";

/** Rows that are handled at once: of alerts, for whom messages are planned one by one, and of all else. */
const ALERTS_AT_ONCE = 200;
const ROWS_AT_ONCE = 1_000;

/** What rows of the outbox tell of, by the first word of their event. */
const SOURCES: Readonly<Record<string, Source>> = {
  alert: alertEvents,
  cycle_count: cycleCountEvents,
  fact: factEvents,
  handling_unit: handlingUnitEvents,
  order: orderEvents,
  shipment: shipmentEvents,
  stock: stockEvents,
};

/** What becomes of events in the transaction that adds them to the log. */
const SINKS: readonly ((client: PoolClient, events: readonly RecordedEvent[]) => Promise<void>)[] = [
  tellAsEpcis,
  addWebhookDeliveries,
];

/** Keeps out, until the transaction ends, other relays: an alert joins the digest that another has just begun; events have one order. */
async function lockFanOut(client: PoolClient): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock notifications'), 0)");
}

/** Which rows a transaction takes. Alerts have their own: people wait for them, however much else has happened. */
const KINDS = [
  { which: "alert_id IS NOT NULL", atOnce: ALERTS_AT_ONCE },
  { which: "alert_id IS NULL", atOnce: ROWS_AT_ONCE },
] as const;
type Kind = (typeof KINDS)[number];
const IS_DUE = "(postponed_until IS NULL OR postponed_until <= now())";
/** A row that cannot be told is tried again after so long. */
const POSTPONED = "10 minutes";

/**
 * Turns rows of the outbox into events and deliveries, and deletes the rows, in one transaction: whenever it is cut off, either all of
 * it has happened or nothing. A row of which nothing can be made is looked for among the others, and waits alone.
 * @param onFault is told of such a row; without it the error is thrown
 * @returns how many rows were handled
 */
export async function fanOut(pool: Pool, onFault?: (row: OutboxRow, error: unknown) => void): Promise<number> {
  // Mostly there is nothing: that takes no lock and no transaction.
  const { rows: some } = await pool.query({
    name: "look_into_outbox",
    text: `SELECT FROM outbox WHERE ${IS_DUE} LIMIT 1`,
  });
  if (some.length === 0) return 0;
  let handled = 0;
  for (const kind of KINDS) {
    for (let { atOnce }: { atOnce: number } = kind; ;) {
      const taken: OutboxRow[] = [];
      try {
        handled += await fanOutSome(pool, { ...kind, atOnce }, taken);
        break;
      } catch (error) {
        if (onFault === undefined || !isOfTheRows(error) || taken.length === 0) throw error;
        atOnce = Math.ceil(taken.length / 2);
        if (taken.length > 1) continue;
        await postpone(pool, taken[0]!);
        onFault(taken[0]!, error);
        handled += 1;
        break;
      }
    }
  }
  return handled;
}

/** Classes of SQLSTATE that tell of Postgres and not of what was to be written: connection, rollback, resources, operator, system. */
const OF_POSTGRES = /^(?:08|40|53|55|57|58)/;

function isOfTheRows(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code !== "string" || !(OF_POSTGRES.test(code) || code.startsWith("E"));
}

function fanOutSome(
  pool: Pool,
  { which, atOnce }: Pick<Kind, "which"> & { atOnce: number },
  taken: OutboxRow[],
): Promise<number> {
  return transaction(pool, async (client) => {
    await lockFanOut(client);
    const rows = await takeRows(client, which, atOnce);
    taken.push(...rows);
    const added = await appendEvents(client, await eventsOf(client, rows));
    for (const sink of SINKS) await sink(client, added);
    const opened = rows.filter(({ event }) => event === "alert.opened").map(({ id }) => id);
    if (opened.length > 0) await addNotifications(client, opened);
    await client.query("DELETE FROM outbox WHERE id = ANY ($1::bigint[])", [rows.map(({ id }) => id)]);
    return rows.length;
  });
}

async function postpone(pool: Pool, { id }: OutboxRow): Promise<void> {
  await pool.query(`UPDATE outbox SET postponed_until = now() + interval '${POSTPONED}' WHERE id = $1`, [id]);
}

async function takeRows(client: PoolClient, which: Kind["which"], limit: number): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>(
    `SELECT id::float8, event, alert_id AS "alertId", shipment_id AS "shipmentId", custody_position AS "custodyPosition",
      record_id::float8 AS "recordId", created_at AS "createdAt", detail
    FROM outbox WHERE ${which} AND ${IS_DUE} ORDER BY outbox.id LIMIT $1 FOR UPDATE`,
    [limit],
  );
  return rows;
}

/** In the order of the rows. */
async function eventsOf(client: PoolClient, rows: readonly OutboxRow[]): Promise<OutboundEvent[]> {
  const kindOf = ({ event }: OutboxRow): string => event.slice(0, event.indexOf("."));
  const events = new Map<number, OutboundEvent>();
  for (const [kind, source] of Object.entries(SOURCES)) {
    const own = rows.filter((row) => kindOf(row) === kind);
    if (own.length === 0) continue;
    for (const [id, event] of await source(client, own)) events.set(id, event);
  }
  return rows.flatMap(({ id }) => events.get(id) ?? []);
}
