import type { Stage } from "../state/resources.ts";

// One outline per stage in a box of 16 x 16 around 8,8. Lists (SVG) and the map (canvas) use the same shapes, so that
// stages can be told apart without colour.
export const STAGE_SHAPES: Record<Stage, string> = {
  production: "M8 1.2 14.4 5.9 12 13.6H4L1.6 5.9Z",
  storage: "M2.2 2.2H13.8V13.8H2.2Z",
  transportation: "M8 1.6 15 13.8H1Z",
  delivery: "M8 1.4A6.6 6.6 0 1 1 7.99 1.4Z",
};

/** A location without a stage. */
export const PLAIN_SHAPE = "M8 2.2 13.8 8 8 13.8 2.2 8Z";
