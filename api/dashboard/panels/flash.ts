import { useRef } from "preact/hooks";

/**
 * The class that lets a row flash once when `changes` grows. Two names take turns, because an animation starts again
 * only when its name changes. Nothing flashes when the row is first drawn.
 */
export function useFlash(changes: number | undefined): string {
  const first = useRef(changes);
  if (changes === undefined || changes === first.current) return "";
  return changes % 2 === 0 ? "flash-even" : "flash-odd";
}
