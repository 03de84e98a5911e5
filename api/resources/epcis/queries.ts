import type { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { found } from "../../http/problem.ts";
import type { StoredEvent } from "../../integrations/epcis/answers/event-text.ts";
import type { captureJob } from "./schema.ts";

type CaptureJob = z.output<typeof captureJob>;

const JOB = `position::float8, id AS "captureID", created_at AS "createdAt", finished_at AS "finishedAt", finished_at IS NULL AS running,
  coalesce(success, false) AS success, error_behaviour AS "captureErrorBehaviour", errors, events, added, known`;

/** Captures, newest first, from before a position. */
export async function listCaptures(
  db: Reader,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<(CaptureJob & { position: number })[]> {
  const { rows } = await db.query<CaptureJob & { position: number }>(
    `SELECT ${JOB} FROM epcis_captures WHERE $1::bigint IS NULL OR position < $1 ORDER BY epcis_captures.position DESC LIMIT $2`,
    [before ?? null, limit],
  );
  return rows;
}

export async function getCapture(db: Reader, id: string): Promise<CaptureJob> {
  const { rows } = await db.query<CaptureJob & { position: number }>(
    `SELECT ${JOB} FROM epcis_captures WHERE id = $1`,
    [id],
  );
  return withoutPosition(found(rows[0], "capture"));
}

export function withoutPosition<Row extends { position: number }>(row: Row): Omit<Row, "position"> {
  const { position: _, ...rest } = row;
  return rest;
}

/** An event by its id; of one that was declared wrong the newest declaration. */
export async function getEvent(db: Reader, eventId: string): Promise<StoredEvent & { context: string }> {
  const { rows } = await db.query<StoredEvent & { context: string }>(
    `SELECT event_id AS "eventId", record_time AS "recordTime", body, context FROM epcis_events
     WHERE event_id = $1 ORDER BY error_declared_at DESC NULLS LAST LIMIT 1`,
    [eventId],
  );
  return found(rows[0], "event");
}
