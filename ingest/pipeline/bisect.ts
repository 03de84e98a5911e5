/**
 * Finds the items that make `all` fail, by bisection: one fault among n items takes about log₂ n attempts. An item that
 * fails only together with an earlier one is found too; the later one counts as the fault.
 * @param failure attempts only these items: the error text, or undefined on success. It must succeed with no items
 * @returns the items to leave out, each with its error text; the others have succeeded together
 */
export async function bisect(
  all: readonly string[],
  failure: (kept: ReadonlySet<string>) => Promise<string | undefined>,
): Promise<Map<string, string>> {
  const kept = new Set<string>();
  const faults = new Map<string, string>();

  /**
   * Keeps the items of `run` that succeed together with those kept already.
   * @param known the error text of all of `run`, when it has been attempted before
   * @returns whether all of `run` was kept
   */
  async function keepGood(run: readonly string[], known?: string): Promise<boolean> {
    const error = known ?? (await failure(new Set([...kept, ...run])));
    if (error === undefined) {
      for (const item of run) kept.add(item);
      return true;
    }
    if (run.length === 1) {
      faults.set(run[0]!, error);
      return false;
    }
    const half = Math.ceil(run.length / 2);
    const firstKept = await keepGood(run.slice(0, half));
    // When all of the first half was kept, the attempt with the second half is the one that has just failed.
    await keepGood(run.slice(half), firstKept ? error : undefined);
    return false;
  }

  if (all.length > 0) await keepGood(all);
  return faults;
}
