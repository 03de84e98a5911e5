import type { MotionState } from "./truck-markers.ts";

/** The same shape as on the map: arrow = moving, disc = standing, hollow disc = silent. */
export function MotionMark({ state }: { state: MotionState }) {
  return (
    <svg class={`mark ${state}`} viewBox="-10 -10 20 20" width="13" height="13" aria-hidden="true">
      {state === "moving" ? <path d="M0 -9 6.5 7 0 3.6 -6.5 7Z" transform="rotate(45)" /> : <circle r="6.5" />}
    </svg>
  );
}
