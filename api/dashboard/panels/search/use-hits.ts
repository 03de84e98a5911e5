import { useEffect, useState } from "preact/hooks";
import { get } from "../../state/client.ts";
import type { Hit } from "../../state/search.ts";
import { failureText } from "../../state/session.ts";

/** Somebody who types is not answered letter by letter. */
const PAUSE_MS = 150;
const MAX_HITS = 30;

interface Found {
  hits: Hit[];
  /** why it could not be searched */
  problem: string | null;
  /** the text that was searched for */
  of: string;
}

const NOTHING: Found = { hits: [], problem: null, of: "" };

/**
 * What the server finds for a text, a moment after it was typed; meanwhile (`busy`) what it found before. Busy it is from the key on, so
 * that nobody opens a hit of the text before.
 */
export function useHits(text: string): Found & { busy: boolean } {
  const [found, setFound] = useState(NOTHING);
  const q = text.trim();
  useEffect(() => {
    if (q === "") return setFound(NOTHING);
    const left = new AbortController();
    const timer = setTimeout(() => {
      get(`/search?limit=${MAX_HITS}&q=${encodeURIComponent(q)}`, left.signal).then(
        (hits) => !left.signal.aborted && setFound({ hits, problem: null, of: q }),
        (cause: unknown) => !left.signal.aborted && setFound({ hits: [], problem: failureText(cause), of: q }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [q]);
  return { ...found, busy: found.of !== q };
}
