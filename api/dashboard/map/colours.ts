import type { Stage } from "../state/resources.ts";
import type { MotionState } from "./truck-markers.ts";

/** Colours of the canvas. They come from the same CSS variables as the rest of the page. */
export interface MapColours {
  sea: string;
  land: string;
  border: string;
  grid: string;
  ink: string;
  muted: string;
  halo: string;
  accent: string;
  lane: string;
  track: string;
  stage: Record<Stage | "plain", string>;
  truck: Record<MotionState, string>;
}

export function readColours(element: Element): MapColours {
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
    track: of("track"),
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

/** Draws text with an outline in the background colour, so that it stays readable over lines and fills. */
export function drawHaloText(
  canvas: CanvasRenderingContext2D,
  colours: MapColours,
  text: string,
  x: number,
  y: number,
): void {
  canvas.lineWidth = 3;
  canvas.lineJoin = "round";
  canvas.strokeStyle = colours.halo;
  canvas.strokeText(text, x, y);
  canvas.fillText(text, x, y);
}
