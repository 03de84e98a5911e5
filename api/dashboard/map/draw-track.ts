import type { MapColours } from "./colours.ts";
import { type Camera, type LonLat, type Size, toScreen } from "./projection.ts";

const LINE_PIXELS = 3;
const HALO_PIXELS = 6;
const START_RADIUS = 5;

/** Draws the way of a shipment: a line with a ring where it begins. */
export function drawTrack(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  colours: MapColours,
  track: readonly LonLat[],
): void {
  const points = track.map((place) => toScreen(camera, size, place));
  const start = points[0];
  if (start === undefined) return;
  canvas.lineJoin = "round";
  canvas.lineCap = "round";
  canvas.beginPath();
  for (const { x, y } of points) canvas.lineTo(x, y);
  canvas.lineWidth = HALO_PIXELS;
  canvas.strokeStyle = colours.halo;
  canvas.stroke();
  canvas.lineWidth = LINE_PIXELS;
  canvas.strokeStyle = colours.track;
  canvas.stroke();
  canvas.beginPath();
  canvas.arc(start.x, start.y, START_RADIUS, 0, 2 * Math.PI);
  canvas.fillStyle = colours.halo;
  canvas.fill();
  canvas.stroke();
}
