import type { Logger } from "pino";
import { sourceOf } from "./reading.ts";
import { type BatchExceptions, type FoldedBatch, foldBatch, type Stores } from "./process-batch.ts";
import { deviceIdsOf, type Sourced, wordsOf } from "./decode.ts";
import { searchFaults } from "./bisect.ts";
import { REGISTRY_GUARD } from "../stores/writes/cursor.ts";
import { isStale, runParts, staleThing } from "../stores/statement.ts";

/**
 * SQLSTATE classes that speak of the data, not of the server: 21 cardinality, 22 data exception, 23 integrity, 54 limits,
 * and P0001, what a trigger raises.
 */
const OF_THE_DATA = /^(2[123]|54|P0001)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** What our own rules fail with, and Node's functions that they call, which name a code of their own. */
const OF_OUR_RULES = [TypeError, RangeError, ReferenceError, SyntaxError];
/** Node's and the driver's words for a server that is not there. */
const OF_THE_CONNECTION = /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|terminat|timeout|Connection|shutting down|a pool/i;

/** Whether a batch failed for something in it, so that trying again would fail again. */
export function isPoison(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "string" && SQLSTATE.test(code)) return OF_THE_DATA.test(code);
  if (OF_OUR_RULES.some((kind) => error instanceof kind)) return true;
  return code === undefined && !OF_THE_CONNECTION.test(error.message);
}

/** What must not be taken as it is for the rest to be taken. */
export type Poison = Pick<BatchExceptions, "refusal" | "unread">;

/** Other writers are faster now and then; so often in a row, and the search rests. */
const MAX_RACES = 20;
const LEFT_OUT = "left out";

/**
 * Finds the readings a frame fails for, by halves, keeping nothing of the tries: each that makes it fail beside those
 * before it. Where it fails even without its readings, for a message's own bytes, the message goes.
 * @throws the database's error when neither is at fault
 */
export async function findPoison(
  stores: Stores,
  messages: readonly Sourced[],
  error: unknown,
  log: Logger,
): Promise<Poison> {
  forgetAll(stores, deviceIdsOf(messages));
  const noReading = () => LEFT_OUT;
  const names = messages.map(({ source }) => source);
  const tried = (exceptions: Poison) => failureOf(stores, messages, exceptions);
  if ((await tried({ refusal: noReading, unread: allBut(names, new Set()) })) !== undefined) throw error;
  const unread = await searchFaults(names, (kept) => tried({ refusal: noReading, unread: allBut(names, kept) }));
  const { arrivals } = await foldBatch(stores, messages, { refusal: noReading, unread });
  const refused = await searchFaults(arrivals.map(sourceOf), (kept) =>
    tried({ unread, refusal: (source) => (kept.has(source) ? undefined : LEFT_OUT) }),
  );
  const count = refused.size + unread.size;
  if (count > 0) {
    const some = [...unread, ...refused].slice(0, 20);
    log.error({ err: error, count, some }, "what the database, or a rule, does not take goes to quarantine");
  }
  return { refusal: (source) => refused.get(source), unread };
}

/** What fails may do so for what is remembered here of its devices. */
export function forgetAll({ deviceStates, tagStates, identities }: Stores, deviceIds: Iterable<string>): void {
  const ids = new Set(deviceIds);
  deviceStates.forget(ids);
  tagStates.forget(ids);
  identities.forget(ids);
}

function allBut(names: readonly string[], kept: ReadonlySet<string>): Map<string, string> {
  return new Map(names.filter((name) => !kept.has(name)).map((name) => [name, LEFT_OUT]));
}

/** Why the frame fails with these exceptions; undefined when it does not. */
async function failureOf(
  stores: Stores,
  messages: readonly Sourced[],
  exceptions: Poison,
): Promise<string | undefined> {
  for (let races = 0; ; races += 1) {
    let batch: FoldedBatch | undefined;
    try {
      batch = await foldBatch(stores, messages, exceptions);
      await rehearse(stores, batch);
      return undefined;
    } catch (error) {
      batch?.forget(staleThing(error));
      if (isStale(error) && races < MAX_RACES) continue;
      if (!isPoison(error)) throw error;
      return wordsOf(error);
    }
  }
}

/** Runs the statement, with the checks that are left to the end of a transaction, and takes it back. */
async function rehearse({ pool }: Stores, batch: FoldedBatch): Promise<void> {
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
