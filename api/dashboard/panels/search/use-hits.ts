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
  /** the hits are those of a text before */
  busy: boolean;
}

const NOTHING: Found = { hits: [], problem: null, busy: false };

/** What the server finds for a text, a moment after it was typed; meanwhile what it found before. */
export function useHits(text: string): Found {
  const [found, setFound] = useState(NOTHING);
  const q = text.trim();
  useEffect(() => {
    if (q === "") return setFound(NOTHING);
    setFound((before) => ({ ...before, busy: true }));
    const left = new AbortController();
    const timer = setTimeout(() => {
      get(`/search?limit=${MAX_HITS}&q=${encodeURIComponent(q)}`, left.signal).then(
        (hits) => !left.signal.aborted && setFound({ hits, problem: null, busy: false }),
        (cause: unknown) => !left.signal.aborted && setFound({ hits: [], problem: failureText(cause), busy: false }),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [q]);
  return found;
}
