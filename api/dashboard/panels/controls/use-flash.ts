import { useRef } from "preact/hooks";

/**
 * The class that makes a row flash once when `changes` grows. It alternates between two names, because a CSS animation
 * restarts only when its name changes. A row does not flash when it is first drawn.
 */
export function useFlash(changes: number | undefined): string {
  const first = useRef(changes);
  if (changes === undefined || changes === first.current) return "";
  return changes % 2 === 0 ? "flash-even" : "flash-odd";
}
