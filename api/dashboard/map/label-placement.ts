import { type MapColours, drawHaloText } from "./colours.ts";
import type { Point, Size } from "./projection.ts";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** The box of a mark of `radius` pixels. Labels must not cover it. */
export function boxAround({ x, y }: Point, radius: number): Box {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
}

/**
 * Writes `text` beside a mark, at the first free position of right, left, above and below, and adds its box to `taken`.
 * Without a free position the label is left out, or written at the right when `must` is set.
 */
export function placeLabel(
  canvas: CanvasRenderingContext2D,
  size: Size,
  colours: MapColours,
  taken: Box[],
  text: string,
  { x, y }: Point,
  must: boolean,
): void {
  const width = canvas.measureText(text).width;
  const corners: Point[] = [
    { x: x + 13, y: y + 4 },
    { x: x - 13 - width, y: y + 4 },
    { x: x - width / 2, y: y - 14 },
    { x: x - width / 2, y: y + 22 },
  ];
  const boxOf = (corner: Point): Box => ({
    left: corner.x - 2,
    top: corner.y - 11,
    right: corner.x + width + 2,
    bottom: corner.y + 3,
  });
  const free = corners.find((corner) => {
    const box = boxOf(corner);
    const inside = box.left >= 0 && box.top >= 0 && box.right <= size.width && box.bottom <= size.height;
    return inside && !taken.some((other) => overlaps(box, other));
  });
  const chosen = free ?? (must ? corners[0] : undefined);
  if (chosen === undefined) return;
  taken.push(boxOf(chosen));
  drawHaloText(canvas, colours, text, chosen.x, chosen.y);
}
