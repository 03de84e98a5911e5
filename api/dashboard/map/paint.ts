import type { Stage } from "../state/resources.ts";
import type { MotionState } from "./motion.ts";

/** Colours of the canvas, taken from the same CSS variables as the rest of the page. */
export interface Paint {
  sea: string;
  land: string;
  border: string;
  grid: string;
  ink: string;
  muted: string;
  halo: string;
  accent: string;
  lane: string;
  stage: Record<Stage | "plain", string>;
  truck: Record<MotionState, string>;
}

export function readPaint(element: Element): Paint {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    sea: of("sea"),
    land: of("land"),
    border: of("border"),
    grid: of("grid"),
    ink: of("ink"),
    muted: of("muted"),
    halo: of("halo"),
    accent: of("accent"),
    lane: of("lane"),
    stage: {
      production: of("production"),
      storage: of("storage"),
      transportation: of("transportation"),
      delivery: of("delivery"),
      plain: of("muted"),
    },
    truck: { moving: of("moving"), idle: of("idle"), silent: of("silent") },
  };
}

/** Text that stays readable over lines and fills. */
export function haloText(canvas: CanvasRenderingContext2D, paint: Paint, text: string, x: number, y: number): void {
  canvas.lineWidth = 3;
  canvas.lineJoin = "round";
  canvas.strokeStyle = paint.halo;
  canvas.strokeText(text, x, y);
  canvas.fillText(text, x, y);
}
