import type { MotionState } from "./motion.ts";

/** The truck's shape on the map: an arrow moves, a disc stands, a hollow disc is silent. */
export function MotionMark({ state }: { state: MotionState }) {
  return (
    <svg class={`mark ${state}`} viewBox="-10 -10 20 20" width="13" height="13" aria-hidden="true">
      {state === "moving" ? <path d="M0 -9 6.5 7 0 3.6 -6.5 7Z" transform="rotate(45)" /> : <circle r="6.5" />}
    </svg>
  );
}
