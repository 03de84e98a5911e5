import type { Stage } from "../state/resources.ts";
import { PLAIN_SHAPE, STAGE_SHAPES } from "./stage-shapes.ts";

/** The stage's shape in its colour. Hidden from screen readers, because the stage's name stands beside it. */
export function StageMark({ stage }: { stage: Stage | null }) {
  return (
    <svg class={`mark ${stage ?? "plain"}`} viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <path d={stage === null ? PLAIN_SHAPE : STAGE_SHAPES[stage]} />
    </svg>
  );
}
