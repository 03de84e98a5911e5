import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import type { FactData } from "../../../../ingest/domain/fact.ts";
import type { OutboundEvent } from "../event.ts";
import type { OutboxRow } from "./source.ts";

interface Row {
  id: number;
  type: "seen" | "excursion" | "excursion_over";
  at: Date;
  data: FactData["seen"] & FactData["excursion"];
  tag: string | null;
  rule: string;
  confidence: number;
  deviceId: string | null;
  isGone: boolean;
  shipmentId: number | null;
  trackingNumber: string | null;
  ownerId: number | null;
  /** where the goods were then, of an excursion */
  placeThen: number | null;
  revision: number | null;
  said: Said | null;
}

/** What is told of a fact. Names as they are published. */
export type Said = {
  at: string;
  rule: string;
  confidence: number;
  device_id: string | null;
  location_id: number | null;
  shipment_id: number | null;
  tracking_number: string | null;
} & (
  | { type: "seen"; tag: string; direction: "in" | "out" }
  | {
      type: "excursion" | "excursion_over";
      quantity: FactData["excursion"]["quantity"];
      since: string;
      worst: number;
      min?: number | null;
      max?: number | null;
    }
);

/**
 * Tags that passed a gate, and goods out of their limits. A fact that was derived again, withdrawn or voided is told again where it says
 * something else now; that event is a correction of the first.
 */
export async function factEvents(client: PoolClient, rows: readonly OutboxRow[]): Promise<Map<number, OutboundEvent>> {
  // The last row of each: what holds now is told once.
  const last = new Map(rows.map((row) => [row.recordId!, row.id]));
  const facts = await readFacts(client, [...last.keys()]);
  const events = new Map<number, OutboundEvent>();
  const told: { id: number; revision: number; said: Said | null }[] = [];
  for (const fact of facts) {
    const now = fact.isGone ? null : saidOf(fact);
    const isSame = now === null ? fact.said === null : fact.said !== null && isDeepStrictEqual(now, fact.said);
    if (isSame) continue;
    const revision = (fact.revision ?? 0) + 1;
    told.push({ id: fact.id, revision, said: now });
    events.set(last.get(fact.id)!, eventOf(fact, revision, now));
  }
  await client.query({
    name: "facts_told",
    text: `INSERT INTO told_facts AS f (fact_id, revision, said)
      SELECT id, revision, CASE WHEN said <> 'null' THEN said END FROM jsonb_to_recordset($1::jsonb) AS t (id bigint, revision int, said jsonb)
      ON CONFLICT (fact_id) DO UPDATE SET revision = excluded.revision, said = excluded.said`,
    values: [JSON.stringify(told)],
  });
  return events;
}

async function readFacts(client: PoolClient, ids: readonly number[]): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    name: "facts_to_tell",
    text: `SELECT f.id::float8, f.type, f.at, f.data, CASE WHEN f.subject LIKE 'tag:%' THEN substr(f.subject, 5) END AS tag, f.rule, f.confidence,
        f.device_id AS "deviceId", f.withdrawn_at IS NOT NULL AS "isGone", s.id AS "shipmentId", s.tracking_number AS "trackingNumber",
        s.owner_id AS "ownerId", t.revision, t.said, (
          SELECT (e.content -> 'to' ->> 'location_id')::int FROM custody_entries e
          WHERE f.type <> 'seen' AND e.shipment_id = s.id AND e.kind <> 'withdrawn' AND (e.content ->> 'at')::timestamptz <= f.at
          ORDER BY (e.content ->> 'at')::timestamptz DESC, e.position DESC LIMIT 1) AS "placeThen"
      FROM facts f LEFT JOIN told_facts t ON t.fact_id = f.id
      LEFT JOIN LATERAL (
        SELECT CASE WHEN f.subject LIKE 'shipment:%' THEN substr(f.subject, 10)::int ELSE (
          SELECT shipment_id FROM shipments_of_tags(ARRAY[substr(f.subject, 5)]) b
          WHERE coalesce(b.since <= f.at, true) AND coalesce(b.until > f.at, true) LIMIT 1) END AS id OFFSET 0
      ) AS about ON true
      LEFT JOIN shipments s ON s.id = about.id
      WHERE f.id = ANY ($1::bigint[]) AND f.type IN ('seen', 'excursion', 'excursion_over') AND f.rule <> 'epcis' ORDER BY f.at, f.id`,
    values: [ids],
  });
  return rows;
}

/** null: there is nothing to tell of it */
function saidOf(fact: Row): Said | null {
  const { type, at, data, tag, rule, deviceId, shipmentId, trackingNumber, placeThen } = fact;
  const common = {
    at: at.toISOString(),
    rule,
    confidence: Math.round(fact.confidence * 1000) / 1000,
    device_id: deviceId,
    location_id: type === "seen" ? data.locationId : placeThen,
    shipment_id: shipmentId,
    tracking_number: trackingNumber,
  };
  if (type === "seen") {
    if (tag === null || data.portal !== true || data.direction === "unknown") return null;
    return { ...common, type, tag, direction: data.direction };
  }
  const { quantity, worst } = data;
  const since = new Date(data.since).toISOString();
  const limits = type === "excursion" && { min: data.min, max: data.max };
  return { ...common, type, quantity, since, worst, ...limits };
}

const TYPES = {
  seen: "tag.passed",
  excursion: "condition.out_of_range",
  excursion_over: "condition.in_range",
} as const;

function eventOf(fact: Row, revision: number, now: Said | null): OutboundEvent {
  const { id, type, at, shipmentId, tag, ownerId } = fact;
  const said = now ?? fact.said!;
  const corrected = type === "seen" ? "tag.corrected" : "condition.corrected";
  return {
    id: `fact-${id}-${revision}`,
    type: revision === 1 ? TYPES[type] : corrected,
    corrects: revision === 1 ? null : `fact-${id}-1`,
    subject: shipmentId === null ? `/epc/${encodeURIComponent(tag ?? "")}` : `/shipments/${shipmentId}`,
    happenedAt: at,
    locationId: said.location_id,
    ownerId,
    data: { ...said, kind: revision === 1 ? "recorded" : now === null ? "withdrawn" : "corrected" },
  };
}
