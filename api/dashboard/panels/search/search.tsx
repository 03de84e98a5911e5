import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { HIT_LABELS, type Hit, openHit } from "../../state/search.ts";
import { useHits } from "./use-hits.ts";

/** Where the focus goes by the key `/`, as in many tools. */
const SHORTCUT = "/";

/**
 * Searches everything that the person may see, and opens what is chosen. The field keeps the focus; the arrow keys choose
 * (ARIA combobox with a list).
 */
export function Search() {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const { hits, problem, busy } = useHits(isOpen ? text : "");
  /** Enter came before the hits did, as from a barcode scanner */
  const opensFirst = useRef(false);
  // Before they are seen: an arrow key that comes at once would be undone.
  useLayoutEffect(() => {
    setChosen(0);
    if (busy || !opensFirst.current) return;
    opensFirst.current = false;
    if (hits[0] !== undefined) open(hits[0]);
  }, [hits, busy]);
  useShortcut(() => field.current?.focus());
  const isShown = isOpen && text.trim() !== "";

  function open(hit: Hit): void {
    setIsOpen(false);
    openHit(hit);
  }
  function onKeyDown(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const hit = hits[chosen];
    if (event.key === "Escape" && isShown) setIsOpen(false);
    else if (event.key === "Enter" && isShown && busy) opensFirst.current = true;
    else if (event.key === "Enter" && isShown && hit !== undefined) open(hit);
    else if (step !== 0 && hits.length > 0) {
      setIsOpen(true);
      if (isShown) setChosen((chosen + step + hits.length) % hits.length);
    } else return;
    event.preventDefault();
  }
  return (
    <div
      class="global-search"
      role="search"
      onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && setIsOpen(false)}
    >
      <input
        ref={field}
        role="combobox"
        aria-label="Search everything"
        aria-keyshortcuts={SHORTCUT}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls="hits"
        aria-activedescendant={isShown && hits.length > 0 ? `hit-${chosen}` : undefined}
        placeholder="Search everything  ( / )"
        maxLength={255}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          opensFirst.current = false;
          setText(event.currentTarget.value);
          setIsOpen(true);
        }}
        onFocus={() => setIsOpen(true)}
        onKeyDown={onKeyDown}
      />
      {isShown && (
        <div class="hits">
          <ul id="hits" role="listbox" aria-label="Found">
            {hits.map((hit, at) => (
              <HitRow key={`${hit.kind} ${hit.id}`} hit={hit} at={at} isChosen={at === chosen} onOpen={open} />
            ))}
          </ul>
          <p class="muted" role="status">
            {problem ?? (busy ? "Searching …" : hits.length === 0 ? "Nothing found." : "")}
          </p>
        </div>
      )}
    </div>
  );
}

interface HitRowProps {
  hit: Hit;
  at: number;
  isChosen: boolean;
  onOpen: (hit: Hit) => void;
}

function HitRow({ hit, at, isChosen, onOpen }: HitRowProps) {
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li
      ref={row}
      id={`hit-${at}`}
      role="option"
      aria-selected={isChosen}
      // Before the field loses the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onOpen(hit)}
    >
      <span class="hit-title">{hit.title}</span>
      <span class="state">{HIT_LABELS[hit.kind]}</span>
      <span class="muted hit-detail">{hit.detail}</span>
    </li>
  );
}

/** Runs when the key is pressed outside of a field. */
function useShortcut(run: () => void): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const inField = event.target instanceof Element && event.target.closest("input, textarea, select") !== null;
      if (event.key !== SHORTCUT || inField || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      run();
    }
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
