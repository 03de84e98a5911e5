import type { Logger } from "pino";
import { sourceOf } from "./arrival.ts";
import { type FoldedBatch, foldBatch, type Stores } from "./batch.ts";
import type { Sourced } from "./decode.ts";
import type { FrameEnd } from "./stores/parts/late.ts";
import { runParts } from "./stores/statement.ts";

/**
 * SQLSTATE classes that speak of the data, not of the server: 21 cardinality, 22 data exception, 23 integrity, 54 limits.
 * An error without a code comes from our own rules.
 */
const OF_THE_DATA = /^(21|22|23|54)/;
/** Node's and the driver's words for a server that is not there. */
const OF_THE_CONNECTION = /ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|terminat|timeout|Connection|shutting down/i;

/** Whether a batch failed for something in it, so that trying again would fail again. */
export function isPoison(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (typeof code === "string") return OF_THE_DATA.test(code);
  return error instanceof Error && !OF_THE_CONNECTION.test(error.message);
}

/**
 * Finds the readings a batch fails for, by halves, without keeping anything of the tries, and folds it again with those
 * in quarantine and all others in place.
 * @throws the error itself when no reading is at fault
 */
export async function foldWithoutPoison(
  stores: Stores,
  messages: readonly Sourced[],
  error: unknown,
  through: FrameEnd,
  log: Logger,
): Promise<FoldedBatch> {
  const all = await sourcesOfReadings(stores, messages, error);
  const refused = new Map<string, string>();

  /** why the batch fails with only these readings in it; undefined when it does not */
  async function failure(subset: readonly string[]): Promise<string | undefined> {
    const kept = new Set(subset);
    const others = new Map(all.filter((source) => !kept.has(source)).map((source) => [source, "left out"]));
    try {
      await rehearse(stores, await foldBatch(stores, messages, { refused: others }));
      return undefined;
    } catch (cause) {
      if (!isPoison(cause)) throw cause;
      return cause instanceof Error ? cause.message : String(cause);
    }
  }

  async function search(subset: readonly string[]): Promise<void> {
    const cause = await failure(subset);
    if (cause === undefined) return;
    if (subset.length === 1) {
      refused.set(subset[0]!, cause);
      return;
    }
    const half = Math.ceil(subset.length / 2);
    await search(subset.slice(0, half));
    await search(subset.slice(half));
  }

  if (all.length === 0 || (await failure([])) !== undefined) throw error;
  await search(all);
  if (refused.size === 0) throw error;
  log.warn({ refused: [...refused] }, "readings the database refuses were put in quarantine");
  return foldBatch(stores, messages, { refused, through });
}

/** Every reading that would be new; when folding itself fails, none can be told apart. */
async function sourcesOfReadings(stores: Stores, messages: readonly Sourced[], error: unknown): Promise<string[]> {
  try {
    return (await foldBatch(stores, messages)).fresh.map(sourceOf);
  } catch {
    throw error;
  }
}

/** Runs the statement and takes it back. */
async function rehearse({ pool }: Stores, batch: FoldedBatch): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    await runParts(client, batch.parts);
  } finally {
    await client.query("ROLLBACK").catch((failure: Error) => (broken = failure));
    client.release(broken);
  }
}
