import { useState } from "preact/hooks";

/** Where each key moves the focus to, from row `at` of `count`. */
const MOVES: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  ArrowLeft: (at) => at - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

interface RowKeys {
  /** for the element around the rows */
  onKeyDown: (event: KeyboardEvent) => void;
  /** for the button that opens the row with this key */
  opener: (key: string) => { "data-opens": string; tabIndex: number; onFocus: () => void };
}

/**
 * Makes a list one stop of the Tab key: arrow keys, Home and End move between its rows, and Enter opens one. Coming back,
 * the row that was left is focused again.
 * @param keys of the rows that are shown
 */
export function useRowKeys(keys: readonly string[]): RowKeys {
  const [left, setLeft] = useState<string>();
  const current = left !== undefined && keys.includes(left) ? left : keys[0];
  return {
    onKeyDown(event) {
      const list = event.currentTarget as HTMLElement;
      const move = MOVES[event.key];
      const rows = [...list.querySelectorAll<HTMLElement>("[data-opens]")];
      const at = rows.findIndex((row) => row === document.activeElement);
      if (move === undefined || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      rows[Math.max(0, Math.min(rows.length - 1, move(at, rows.length)))]?.focus();
    },
    opener: (key) => ({ "data-opens": key, tabIndex: key === current ? 0 : -1, onFocus: () => setLeft(key) }),
  };
}
