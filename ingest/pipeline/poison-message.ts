import type { Logger } from "pino";
import { sourceOf } from "./reading.ts";
import { type BatchOptions, type ProcessedBatch, processBatch, type Stores } from "./process-batch.ts";
import { errorText } from "./decode.ts";
import { deviceIdsOf, type JournalRecord } from "./records/journal-record.ts";
import { bisect } from "./bisect.ts";
import { AcquireTimeout } from "../decisions/semaphore.ts";
import { isVersionConflict, runWrites, conflictOf } from "../stores/statement.ts";
import { withClient } from "../stores/with-client.ts";
import { REGISTRY_CHECK } from "../stores/writes/registry-version.ts";

/**
 * SQLSTATE classes for faults of the data, not of the server: 21 cardinality, 22 data exception, 23 integrity, 54 limits,
 * and P0001, which triggers raise.
 */
const DATA_ERROR = /^(2[123]|54|P0001)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Errors of our own rules, and of Node functions that they call (these have a `code` that is no SQLSTATE). */
const RULE_ERRORS = [TypeError, RangeError, ReferenceError, SyntaxError];
/** Error texts of Node and of the driver when the server is unreachable. */
const CONNECTION_ERROR =
  /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|terminat|timeout|Connection|shutting down|a pool|not queryable|silent network/i;

/** Whether a batch failed for its content, so that another attempt would fail too. */
export function isPoisonError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && SQLSTATE.test(code)) return DATA_ERROR.test(code);
  if (RULE_ERRORS.some((kind) => error instanceof kind)) return true;
  return code === undefined && !CONNECTION_ERROR.test(error.message);
}

/** Whether a statement took longer than it may: Postgres has cancelled it (query_canceled), or its answer did not come. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (("code" in error && error.code === "57014") || /read timeout/i.test(error.message));
}

/**
 * SQLSTATE classes of a server that is away, busy, full or cannot read its files: 08, 57P connections, 40 conflicts,
 * 53 resources, 55P03 no lock in time, 58 the operating system.
 */
const SERVER_ERROR = /^(08|40|53|55P03|57P|58)/;

/**
 * Whether work outside the journal would fail again for the same cause, so that it must not be repeated for ever. Not so where
 * a store is away, busy or full.
 */
export function wouldFailAgain(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AcquireTimeout) return false;
  // Of a series store: it refuses the query itself. Any other status, and none, says that it is away.
  if ("status" in error) return error.status === 400 || error.status === 200;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && SQLSTATE.test(code)) return !SERVER_ERROR.test(code);
  return isPoisonError(error) || isTimeout(error);
}

/** The readings and messages to reject so that the rest can be committed. */
export type PoisonMessages = Pick<BatchOptions, "rejectionOf" | "rejectedMessages">;

/** After more version conflicts than this in a row, the search gives up for now. */
const MAX_LOST_RACES = 20;
const LEFT_OUT = "left out";

/**
 * Finds the readings that make a frame fail, by bisection with dry runs. When the frame fails even without its readings,
 * for the bytes of a message, it finds that message.
 * @throws `error` when the frame fails without its messages too
 */
export async function findPoisonMessages(
  stores: Stores,
  records: readonly JournalRecord[],
  error: unknown,
  log: Logger,
): Promise<PoisonMessages> {
  invalidateDevices(stores, deviceIdsOf(records));
  const rejectAll = () => LEFT_OUT;
  const names = records.map(({ source }) => source);
  const attempt = (options: PoisonMessages) => failureOf(stores, records, options);
  if ((await attempt({ rejectionOf: rejectAll, rejectedMessages: allExcept(names, new Set()) })) !== undefined)
    throw error;
  const rejectedMessages = await bisect(names, (kept) =>
    attempt({ rejectionOf: rejectAll, rejectedMessages: allExcept(names, kept) }),
  );
  const { readings } = await processBatch(stores, records, { rejectionOf: rejectAll, rejectedMessages });
  const rejectedReadings = await bisect(readings.map(sourceOf), (kept) =>
    attempt({ rejectedMessages, rejectionOf: (source) => (kept.has(source) ? undefined : LEFT_OUT) }),
  );
  const count = rejectedReadings.size + rejectedMessages.size;
  if (count > 0) {
    const some = [...rejectedMessages, ...rejectedReadings].slice(0, 20);
    log.error({ err: error, count, some }, "readings or messages that cannot be processed go to quarantine");
  }
  return { rejectionOf: (source) => rejectedReadings.get(source), rejectedMessages };
}

/** Drops the cached states of these devices: a fault may lie in them. */
export function invalidateDevices({ deviceStates, tagStates, identities }: Stores, deviceIds: Iterable<string>): void {
  const ids = new Set(deviceIds);
  deviceStates.invalidate(ids);
  tagStates.invalidate(ids);
  identities.invalidate(ids);
}

function allExcept(names: readonly string[], kept: ReadonlySet<string>): Map<string, string> {
  return new Map(names.filter((name) => !kept.has(name)).map((name) => [name, LEFT_OUT]));
}

/** The error text when the frame fails with these options; undefined when it does not. */
async function failureOf(
  stores: Stores,
  records: readonly JournalRecord[],
  options: PoisonMessages,
): Promise<string | undefined> {
  for (let races = 0; ; races += 1) {
    let batch: ProcessedBatch | undefined;
    try {
      batch = await processBatch(stores, records, options);
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

/** Runs the statement, and the checks deferred to the end of the transaction, and commits nothing. */
function dryRun({ pool }: Stores, batch: ProcessedBatch): Promise<void> {
  return withClient(pool, async (client) => {
    await client.query("BEGIN");
    // Without the registry's guard: it may change faster than dry runs end. The commit itself is guarded.
    await runWrites(
      client,
      batch.writes.filter(({ name }) => name !== REGISTRY_CHECK),
    );
    await client.query("SET CONSTRAINTS ALL IMMEDIATE");
  });
}
