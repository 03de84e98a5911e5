import type { PoolClient } from "pg";
import type { Subject } from "../../../ingest/domain/fact.ts";
import { foldShipment } from "../../../ingest/domain/shipment/shipment.ts";
import { beyondLimits, type Reader } from "../../auth/limits.ts";
import { found, invalid, Problem } from "../../http/problem.ts";
import { loadContext, loadHistory, type RecordedFact } from "./history-queries.ts";

/*
 * A tag has several lives. It identifies the shipment it is bound to until that is closed (delivered, returned or
 * cancelled) and it is bound to another one; what was read before remains the first one's. The new life begins when the new
 * shipment was created, yet after the first was closed.
 */

export interface TagBinding {
  /** from when on the tag identifies the shipment; null: from the beginning */
  since: Date | null;
  /** a shipment whose time with the tag has ended now */
  released: Subject[];
}

interface OpenBinding {
  shipmentId: number;
  since: Date | null;
  status: string;
  destinationId: number | null;
}

const CLOSED = new Set(["delivered", "returned", "cancelled"]);

/**
 * Ends the time of a tag with a shipment that is closed, so that it can be bound to another one.
 * @param asked when the person says that the tag's new life began
 * @returns undefined when the tag is bound to this shipment already
 * @throws Problem 409 when it identifies a shipment that is under way
 */
export async function releaseTag(
  client: PoolClient,
  epc: string,
  shipmentId: number,
  asked?: Date,
): Promise<TagBinding | undefined> {
  const bound = await findOpenBinding(client, epc);
  if (!bound) return { since: asked ?? null, released: [] };
  if (bound.shipmentId === shipmentId) return undefined;
  if (!CLOSED.has(bound.status)) {
    throw new Problem(409, `this tag is bound to another shipment, which is ${bound.status.replaceAll("_", " ")}`);
  }
  const since = asked ?? (await beginOfNextLife(client, shipmentId, bound));
  if (bound.since !== null && since <= bound.since) {
    throw invalid(
      "/since",
      `the tag was bound to its earlier shipment at ${bound.since.toISOString()}: this must be later`,
    );
  }
  await client.query("UPDATE shipment_tags SET until = $2 WHERE epc = $1 AND until IS NULL", [epc, since]);
  return { since, released: [`shipment:${bound.shipmentId}`] };
}

/** @throws Problem 404 when the tag was never bound to it by hand */
export async function findBinding(db: Reader, epc: string, shipmentId: number): Promise<object> {
  const { rows } = await db.query<object>(
    `SELECT epc, bound_at, since, until FROM shipment_tags
    WHERE epc = $1 AND shipment_id = $2 AND handling_unit_id IS NULL ORDER BY bound_at DESC LIMIT 1`,
    [epc, shipmentId],
  );
  return found(rows[0], "tag of this shipment that was bound by hand");
}

/**
 * Takes back that a tag was bound to a shipment. The shipment from which it was taken then has it again, unless another one has it now.
 * @returns what is to be folded again beside the shipment
 * @throws Problem 404 when it was not bound to it by hand
 */
export async function unbindTag(client: PoolClient, epc: string, shipmentId: number): Promise<Subject[]> {
  await findBinding(client, epc, shipmentId);
  return beyondLimits(client, async () => {
    const { rows: taken } = await client.query<{ since: Date | null; until: Date | null }>(
      "DELETE FROM shipment_tags WHERE epc = $1 AND shipment_id = $2 AND handling_unit_id IS NULL RETURNING since, until",
      [epc, shipmentId],
    );
    const open = taken.find(({ until }) => until === null);
    if (open === undefined || open.since === null) return [];
    const { rows: before } = await client.query<{ id: number }>(
      `UPDATE shipment_tags SET until = NULL WHERE epc = $1 AND until = $2 RETURNING shipment_id AS id`,
      [epc, open.since],
    );
    return before.map(({ id }): Subject => `shipment:${id}`);
  });
}

async function findOpenBinding(client: PoolClient, epc: string): Promise<OpenBinding | undefined> {
  const { rows } = await client.query<OpenBinding>(
    `SELECT t.shipment_id AS "shipmentId", t.since, s.status, s.destination_id AS "destinationId"
    FROM shipment_tags t JOIN shipments s ON s.id = t.shipment_id WHERE t.epc = $1 AND t.until IS NULL FOR UPDATE OF t`,
    [epc],
  );
  return rows[0];
}

async function beginOfNextLife(client: PoolClient, shipmentId: number, bound: OpenBinding): Promise<Date> {
  const { rows } = await client.query<{ created: number; recorded: number }>(
    `SELECT extract(epoch FROM s.created_at)::float8 * 1000 AS created,
      (SELECT extract(epoch FROM max(f.recorded_at))::float8 * 1000 FROM facts f WHERE f.subject = 'shipment:' || s.id AND f.type = 'created') AS recorded
    FROM shipments s WHERE s.id = $1`,
    [shipmentId],
  );
  const { created, recorded } = rows[0]!;
  const closing = await closingFact(client, bound);
  // A person records at some later time that a shipment is closed. One that is entered after that, with an earlier time of
  // its own, had the tag since then.
  const isLatePaper = closing?.rule === "person" && closing.recordedAt <= recorded;
  const closedAt = closing === undefined || isLatePaper ? 0 : closing.at + 1;
  return new Date(Math.round(Math.max(created, closedAt, (bound.since?.getTime() ?? 0) + 1)));
}

/** The fact that gave the shipment its status. */
async function closingFact(
  client: PoolClient,
  { shipmentId, destinationId }: OpenBinding,
): Promise<RecordedFact | undefined> {
  const events = await beyondLimits(client, async () => {
    const facts = await loadHistory(client, shipmentId);
    const context = await loadContext(client, { id: shipmentId, destination_id: destinationId });
    return foldShipment(facts, context)?.events ?? [];
  });
  const status = events.at(-1)?.state.status;
  const before = events.findLastIndex(({ state }) => state.status !== status);
  return events[before + 1]?.fact;
}
