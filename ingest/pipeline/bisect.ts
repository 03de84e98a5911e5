/**
 * Leaves out of `all` what makes it fail, and no more than that. What fails only together with something earlier is found
 * too: it is the later one that goes. By halves, so that one fault among n takes about log₂ n tries.
 * @param failure why it fails with only these; undefined when it does not. With none of them it must not
 * @returns what to leave out, each with why; what remains has been tried as a whole
 */
export async function bisect(
  all: readonly string[],
  failure: (kept: ReadonlySet<string>) => Promise<string | undefined>,
): Promise<Map<string, string>> {
  const kept = new Set<string>();
  const faults = new Map<string, string>();

  /**
   * Keeps of `run` what does not fail beside what is kept already.
   * @param known why all of it fails, where that was tried before
   * @returns whether all of it was kept
   */
  async function keepOf(run: readonly string[], known?: string): Promise<boolean> {
    const cause = known ?? (await failure(new Set([...kept, ...run])));
    if (cause === undefined) {
      for (const one of run) kept.add(one);
      return true;
    }
    if (run.length === 1) {
      faults.set(run[0]!, cause);
      return false;
    }
    const half = Math.ceil(run.length / 2);
    const firstKept = await keepOf(run.slice(0, half));
    // With all of the first half kept, the second beside it is what has just failed.
    await keepOf(run.slice(half), firstKept ? cause : undefined);
    return false;
  }

  if (all.length > 0) await keepOf(all);
  return faults;
}
