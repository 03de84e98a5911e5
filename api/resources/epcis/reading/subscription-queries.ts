import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import { type Principal, userIdOf } from "../../../auth/principal.ts";
import { epcisSubscriptionContext } from "../../../auth/seal-stored.ts";
import type { Sealer } from "../../../auth/sealing.ts";
import type { Schedule } from "../../../integrations/epcis/subscriptions/schedule.ts";
import { MAX_BATCH } from "../../../integrations/epcis/subscriptions/deliveries.ts";

interface Row {
  subscriptionID: string;
  queryName: string;
  dest: string;
  schedule: Schedule | null;
  reportIfEmpty: boolean;
  initialRecordTime: Date;
  minRecordTime: Date;
  createdAt: Date;
  lastNotifiedAt: Date | null;
  failingSince: Date | null;
  endedAt: Date | null;
  lastResponse: string | null;
}

/** Those that may be seen: of who has limits, their own (infra/postgres/limits/rules.ts). */
const SELECT = `SELECT s.id AS "subscriptionID", s.query_name AS "queryName", s.dest, s.schedule, s.report_if_empty AS "reportIfEmpty",
    s.initial_record_time AS "initialRecordTime", s.created_at AS "createdAt", s.last_notified_at AS "lastNotifiedAt",
    coalesce(s.last_notified_at, s.initial_record_time) AS "minRecordTime",
    s.failing_since AS "failingSince", s.ended_at AS "endedAt", s.response AS "lastResponse"
  FROM epcis_subscriptions s`;

function subscriptionOf({ schedule, lastNotifiedAt, failingSince, endedAt, lastResponse, ...row }: Row) {
  return {
    ...row,
    ...(schedule === null ? { stream: true } : { schedule }),
    ...(lastNotifiedAt && { lastNotifiedAt }),
    state: endedAt !== null ? "ended" : failingSince !== null ? "failing" : "active",
    ...(failingSince && { failingSince }),
    ...(lastResponse !== null && { lastResponse }),
  };
}

/** In the order of their ids. */
export async function listSubscriptions(db: Reader, queryName: string, after: string | undefined, limit: number) {
  const { rows } = await db.query<Row>({
    name: "epcis_subscriptions",
    text: `${SELECT} WHERE s.query_name = $1 AND ($2::uuid IS NULL OR s.id > $2) ORDER BY s.id LIMIT $3`,
    values: [queryName, after ?? null, limit],
  });
  return rows.map(subscriptionOf);
}

export async function findSubscription(db: Reader, queryName: string, id: string) {
  const { rows } = await db.query<Row>({
    name: "epcis_subscription",
    text: `${SELECT} WHERE s.query_name = $1 AND s.id = $2`,
    values: [queryName, id],
  });
  return rows[0] && subscriptionOf(rows[0]);
}

/** @returns whether there was one */
export async function deleteSubscription(client: PoolClient, queryName: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query("DELETE FROM epcis_subscriptions WHERE query_name = $1 AND id = $2", [
    queryName,
    id,
  ]);
  return rowCount === 1;
}

export interface NewSubscription {
  queryName: string;
  dest: string;
  signatureToken: string | undefined;
  /** undefined: a stream */
  schedule: Schedule | undefined;
  /** of a schedule */
  firstRunAt: Date | undefined;
  reportIfEmpty: boolean;
  initialRecordTime: Date | undefined;
}

/** Subscriptions of one query. */
const MAX_SUBSCRIPTIONS = 100;

/** @returns its id; undefined: the query has as many as it may have */
export async function addSubscription(
  client: PoolClient,
  sealer: Sealer,
  principal: Principal,
  { queryName, dest, signatureToken, schedule, firstRunAt, reportIfEmpty, initialRecordTime }: NewSubscription,
): Promise<string | undefined> {
  const { rows: counted } = await client.query<{ count: number }>(
    `WITH query AS (SELECT name FROM epcis_queries WHERE name = $1 FOR UPDATE)
     SELECT (SELECT count(*)::int FROM public.epcis_subscriptions s WHERE s.query_name = query.name) AS count FROM query`,
    [queryName],
  );
  if ((counted[0]?.count ?? 0) >= MAX_SUBSCRIPTIONS) return undefined;
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO public.epcis_subscriptions (query_name, created_by, created_by_client, dest, schedule, report_if_empty,
       initial_record_time, position, due_at, batch_size)
     SELECT $1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, now()),
       coalesce(CASE WHEN $7::timestamptz IS NULL THEN (SELECT max(position) FROM public.epcis_events)
         ELSE (SELECT position - 1 FROM public.epcis_events WHERE record_time >= $7 ORDER BY record_time, position LIMIT 1) END,
         (SELECT max(position) FROM public.epcis_events), 0),
       coalesce($8::timestamptz, now()), $9 RETURNING id`,
    [
      ...[queryName, userIdOf(principal), principal.kind === "client" ? principal.id : null, dest],
      ...[schedule === undefined ? null : JSON.stringify(schedule), reportIfEmpty, initialRecordTime, firstRunAt],
      MAX_BATCH,
    ],
  );
  const { id } = rows[0]!;
  if (signatureToken !== undefined) {
    const { plain, sealed } = sealer.keep(Buffer.from(signatureToken, "utf8"), epcisSubscriptionContext(id));
    await client.query(
      "UPDATE public.epcis_subscriptions SET signature_token = $2, sealed_signature_token = $3 WHERE id = $1",
      [id, plain, sealed],
    );
  }
  return id;
}
