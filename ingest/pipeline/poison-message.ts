import type { Logger } from "pino";
import { sourceOf } from "./reading.ts";
import { type BatchExceptions, type ProcessedBatch, processBatch, type Stores } from "./process-batch.ts";
import { deviceIdsOf, type JournalRecord, errorText } from "./decode.ts";
import { bisect } from "./bisect.ts";
import { REGISTRY_GUARD } from "../stores/writes/cursor.ts";
import { isVersionConflict, runParts, conflictOf } from "../stores/statement.ts";

/**
 * SQLSTATE classes that speak of the data, not of the server: 21 cardinality, 22 data exception, 23 integrity, 54 limits,
 * and P0001, what a trigger raises.
 */
const DATA_ERROR = /^(2[123]|54|P0001)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What our own rules fail with, and Node's functions that they call, which name a code of their own. */
const RULE_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError];
/** Node's and the driver's words for a server that is not there. */
const CONNECTION_ERROR = /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|terminat|timeout|Connection|shutting down|a pool/i;

/** Whether a batch failed for something in it, so that trying again would fail again. */
export function isPoisonError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && SQLSTATE.test(code)) return DATA_ERROR.test(code);
  if (RULE_ERRORS.some((kind) => error instanceof kind)) return true;
  return code === undefined && !CONNECTION_ERROR.test(error.message);
}

/** What must not be taken as it is for the rest to be taken. */
export type PoisonMessages = Pick<BatchExceptions, "rejectionOf" | "rejectedMessages">;

/** Other writers are faster now and then; so often in a row, and the search rests. */
const MAX_LOST_RACES = 20;
const LEFT_OUT = "left out";

/**
 * Finds the readings a frame fails for, by halves, keeping nothing of the tries: each that makes it fail beside those
 * before it. Where it fails even without its readings, for a message's own bytes, the message goes.
 * @throws the database's error when neither is at fault
 */
export async function findPoisonMessages(
  stores: Stores,
  records: readonly JournalRecord[],
  error: unknown,
  log: Logger,
): Promise<PoisonMessages> {
  invalidateDevices(stores, deviceIdsOf(records));
  const noReading = () => LEFT_OUT;
  const names = records.map(({ source }) => source);
  const tried = (exceptions: PoisonMessages) => failureOf(stores, records, exceptions);
  if ((await tried({ rejectionOf: noReading, rejectedMessages: allExcept(names, new Set()) })) !== undefined)
    throw error;
  const rejectedMessages = await bisect(names, (kept) =>
    tried({ rejectionOf: noReading, rejectedMessages: allExcept(names, kept) }),
  );
  const { readings } = await processBatch(stores, records, { rejectionOf: noReading, rejectedMessages });
  const refused = await bisect(readings.map(sourceOf), (kept) =>
    tried({ rejectedMessages, rejectionOf: (source) => (kept.has(source) ? undefined : LEFT_OUT) }),
  );
  const count = refused.size + rejectedMessages.size;
  if (count > 0) {
    const some = [...rejectedMessages, ...refused].slice(0, 20);
    log.error({ err: error, count, some }, "what the database, or a rule, does not take goes to quarantine");
  }
  return { rejectionOf: (source) => refused.get(source), rejectedMessages };
}

/** What fails may do so for what is remembered here of its devices. */
export function invalidateDevices({ deviceStates, tagStates, identities }: Stores, deviceIds: Iterable<string>): void {
  const ids = new Set(deviceIds);
  deviceStates.forget(ids);
  tagStates.forget(ids);
  identities.forget(ids);
}

function allExcept(names: readonly string[], kept: ReadonlySet<string>): Map<string, string> {
  return new Map(names.filter((name) => !kept.has(name)).map((name) => [name, LEFT_OUT]));
}

/** Why the frame fails with these exceptions; undefined when it does not. */
async function failureOf(
  stores: Stores,
  records: readonly JournalRecord[],
  exceptions: PoisonMessages,
): Promise<string | undefined> {
  for (let races = 0; ; races += 1) {
    let batch: ProcessedBatch | undefined;
    try {
      batch = await processBatch(stores, records, exceptions);
      await dryRun(stores, batch);
      return undefined;
    } catch (error) {
      batch?.invalidate(conflictOf(error));
      if (isVersionConflict(error) && races < MAX_LOST_RACES) continue;
      if (!isPoisonError(error)) throw error;
      return errorText(error);
    }
  }
}

/** Runs the statement, with the checks that are left to the end of a transaction, and takes it back. */
async function dryRun({ pool }: Stores, batch: ProcessedBatch): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const lost = (error: Error) => (broken = error);
  client.on("error", lost);
  try {
    await client.query("BEGIN");
    // Changes of the registry may come faster than tries end, and are no reason to try again: the commit is guarded.
    await runParts(
      client,
      batch.parts.filter(({ name }) => name !== REGISTRY_GUARD),
    );
    await client.query("SET CONSTRAINTS ALL IMMEDIATE");
  } finally {
    await client.query("ROLLBACK").catch(lost);
    client.off("error", lost);
    client.release(broken);
  }
}
