import type { Pool, PoolClient } from "pg";
import type { JsonObject } from "../json.ts";
import type { ErrorBehaviour } from "./limits.ts";

/** How long a capture is a process's before it has begun to write, milliseconds. What is being written is locked. */
const LEASE_MS = 5_000;

/** A capture that was claimed. */
export interface ClaimedCapture {
  position: number;
  claim: string;
  /** this one included */
  attempts: number;
}

export interface CaptureError {
  type: string;
  title: string;
  status: number;
  detail: string;
  /** which event of the document it is about, as a JSON pointer */
  instance?: string;
}

/** What became of a capture. */
export interface CaptureOutcome {
  success: boolean;
  added: number;
  known: number;
  errors: readonly CaptureError[];
}

interface NewCapture {
  document: string;
  /** the document without its events */
  header: JsonObject;
  errorBehaviour: ErrorBehaviour;
  events: number;
  userId: number | null;
  clientId: number | null;
}

/** @returns its id towards the outside */
export async function addCapture(client: PoolClient, capture: NewCapture): Promise<string> {
  const { document, header, errorBehaviour, events, userId, clientId } = capture;
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO public.epcis_captures (document, header, error_behaviour, events, created_by, created_by_client)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
    [document, JSON.stringify(header), errorBehaviour, events, userId, clientId],
  );
  return rows[0]!.id;
}

/** How many captures of a sender wait. */
export async function countWaiting(
  client: PoolClient,
  { userId, clientId }: Pick<NewCapture, "userId" | "clientId">,
): Promise<number> {
  const { rows } = await client.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM public.epcis_captures
     WHERE finished_at IS NULL AND created_by IS NOT DISTINCT FROM $1 AND created_by_client IS NOT DISTINCT FROM $2`,
    [userId, clientId],
  );
  return rows[0]!.waiting;
}

/** Takes the capture that has waited longest. Any number of processes may do so; one that was killed loses what it had. */
export async function claimCapture(pool: Pool): Promise<ClaimedCapture | undefined> {
  const { rows } = await pool.query<ClaimedCapture>({
    name: "claim_epcis_capture",
    text: `UPDATE epcis_captures SET claim = gen_random_uuid(), attempts = attempts + 1,
        claimed_until = now() + make_interval(secs => $1::float8 / 1000)
      WHERE position = (SELECT position FROM epcis_captures
        WHERE finished_at IS NULL AND (claimed_until IS NULL OR claimed_until <= now()) ORDER BY epcis_captures.position LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING position::float8, claim, attempts`,
    values: [LEASE_MS],
  });
  return rows[0];
}

/** A capture to be written; until the transaction ends nobody else has it. */
export interface LockedCapture {
  document: string;
  errorBehaviour: ErrorBehaviour;
  userId: number | null;
  clientId: number | null;
}

/** @returns undefined when another process has it, or has finished it */
export async function lockCapture(
  client: PoolClient,
  { position, claim }: ClaimedCapture,
): Promise<LockedCapture | undefined> {
  const { rows } = await client.query<LockedCapture>(
    `SELECT document, error_behaviour AS "errorBehaviour", created_by AS "userId", created_by_client AS "clientId"
     FROM epcis_captures WHERE position = $1 AND claim = $2 AND finished_at IS NULL FOR UPDATE`,
    [position, claim],
  );
  return rows[0];
}

/** Writes what became of a capture. Its document is no longer needed. */
export async function finishCapture(
  db: Pool | PoolClient,
  { position, claim }: ClaimedCapture,
  { success, added, known, errors }: CaptureOutcome,
): Promise<void> {
  await db.query(
    `UPDATE epcis_captures SET document = NULL, claim = NULL, claimed_until = NULL, finished_at = clock_timestamp(), success = $3,
       added = $4, known = $5, errors = $6 WHERE position = $1 AND claim = $2 AND finished_at IS NULL`,
    [position, claim, success, added, known, JSON.stringify(errors)],
  );
}

/** Gives a capture back that could not be written now, for a while. */
export async function postponeCapture(pool: Pool, { position, claim }: ClaimedCapture, ms: number): Promise<void> {
  await pool.query(
    `UPDATE epcis_captures SET claimed_until = now() + make_interval(secs => $3::float8 / 1000)
     WHERE position = $1 AND claim = $2 AND finished_at IS NULL`,
    [position, claim, ms],
  );
}
