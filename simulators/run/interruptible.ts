/** The run was interrupted before it was done. */
export class Interrupted extends Error {
  constructor() {
    super("interrupted");
  }
}

/**
 * Resolves as `work` does, but rejects with `Interrupted` once `signal` is aborted, after `graceMs` more. The work goes on
 * unseen: the process ends soon.
 */
export async function interruptible<T>(work: Promise<T>, signal: AbortSignal, graceMs = 0): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    onAbort = () => (timer = setTimeout(() => reject(new Interrupted()), graceMs));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
