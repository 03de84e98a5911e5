import type { MapColours } from "./colours.ts";
import { placeAt, playback } from "./playback.ts";
import { type Camera, type Size, toScreen } from "./projection.ts";
import { shownTrack } from "./track.ts";

const RADIUS = 8;

/** Draws where the shipment was at the moment that is played: a full dot, or a hollow one where nothing was heard. */
export function drawPlayback(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, colours: MapColours): void {
  const [track, now] = [shownTrack.get(), playback.get()];
  const place = track && now && placeAt(track.points, now.atMs);
  if (!place) return;
  const { x, y } = toScreen(camera, size, place);
  canvas.beginPath();
  canvas.arc(x, y, RADIUS, 0, 2 * Math.PI);
  canvas.fillStyle = place.isGap ? colours.halo : colours.accent;
  canvas.fill();
  canvas.lineWidth = 3;
  canvas.strokeStyle = place.isGap ? colours.muted : colours.halo;
  canvas.stroke();
}
