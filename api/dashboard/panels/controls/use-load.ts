import { useEffect, useState } from "preact/hooks";
import { getAllChecked, getChecked } from "../../state/client.ts";
import type { Answer, IfThere, Row } from "../../state/operations.ts";
import { failureText } from "../../state/session.ts";

/** What the server has, why it could not be read, or undefined while it is read for the first time. */
export type Loaded<T> = { value: T; problem: null } | { value: null; problem: string } | undefined;

/**
 * Loads something when the component appears, and again whenever `version` changes; until then what was loaded last stays.
 * @param key what is loaded: for another one, nothing of the one before is shown
 */
export function useLoad<T>(key: string, version: unknown, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [latest, setLatest] = useState<{ key: string; loaded: Loaded<T> }>();
  useEffect(() => {
    const left = new AbortController();
    load(left.signal).then(
      (value) => {
        if (!left.signal.aborted) setLatest({ key, loaded: { value, problem: null } });
      },
      (cause: unknown) => {
        if (!left.signal.aborted) setLatest({ key, loaded: { value: null, problem: failureText(cause) } });
      },
    );
    return () => left.abort();
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
