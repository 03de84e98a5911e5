import { useEffect, useRef, useState } from "preact/hooks";
import { getAllChecked, getChecked, Problem } from "../../state/client.ts";
import { noteFailedRead } from "../../state/failed-reads.ts";
import type { Answer, IfThere, Row } from "../../state/operations.ts";
import { failureText } from "../../state/session.ts";

/** What the server has, why it could not be read, or undefined while it is read for the first time. */
export type Loaded<T> = { value: T; problem: null } | { value: null; problem: string } | undefined;

/** After a read that has failed the next one follows, each time after twice as long. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Whether the same read may succeed later: the server, a store or the line is away, or there were too many requests. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof Problem && (cause.status === 0 || cause.status === 429 || cause.status >= 500);

/**
 * Loads something when the component appears, and again whenever `version` changes; until then what was loaded last stays. It stays also
 * when it cannot be read again for the moment: a person may have typed into it. The page says so then (`failedReads`), and reads on.
 * @param key what is loaded: for another one, nothing of the one before is shown
 */
export function useLoad<T>(key: string, version: unknown, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [latest, setLatest] = useState<{ key: string; loaded: Loaded<T> }>();
  const hasValue = useRef("");
  useEffect(() => {
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = (pauseMs: number): void =>
      void load(left.signal).then(
        (value) => {
          if (left.signal.aborted) return;
          hasValue.current = key;
          noteFailedRead(left, null);
          setLatest({ key, loaded: { value, problem: null } });
        },
        (cause: unknown) => {
          if (left.signal.aborted) return;
          const problem = failureText(cause);
          const passes = isPassing(cause);
          if (passes) timer = setTimeout(() => read(Math.min(2 * pauseMs, LONGEST_PAUSE_MS)), pauseMs);
          if (passes && hasValue.current === key) return noteFailedRead(left, problem);
          hasValue.current = "";
          noteFailedRead(left, null);
          setLatest({ key, loaded: { value: null, problem } });
        },
      );
    read(FIRST_PAUSE_MS);
    return () => {
      left.abort();
      clearTimeout(timer);
      noteFailedRead(left, null);
    };
  }, [key, version]);
  return latest?.key === key ? latest.loaded : undefined;
}

/** Loads the body of `GET path`; nothing while there is no path. */
export function useGet<P extends `/${string}`>(
  path: P | undefined,
  version: IfThere<"get", P, unknown>,
): Loaded<Answer<"get", P>> {
  return useLoad(path ?? "", version, (signal) =>
    path === undefined ? new Promise(() => {}) : getChecked(path, signal),
  );
}

/** Rows of one list that a page shows at most. */
const MAX_ROWS = 5_000;

/** Loads the rows of `GET path`, page by page. */
export function useAll<P extends `/${string}`>(path: P, version: IfThere<"get", P, unknown>): Loaded<Row<P>[]> {
  return useLoad(path, version, async (signal) => (await getAllChecked(path, MAX_ROWS, signal)).rows);
}
