import { geoPath } from "d3-geo";
import type { Outlines } from "./outlines.ts";
import { type Paint, haloText } from "./paint.ts";
import { type Camera, type Size, d3Projection, metresPerPixel, toPlace, toScreen } from "./projection.ts";

const GRID_STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const GRID_PIXELS = 90;

function drawGrid(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, paint: Paint): void {
  const northWest = toPlace(camera, size, { x: 0, y: 0 });
  const southEast = toPlace(camera, size, { x: size.width, y: size.height });
  const degreesPerPixel = (southEast.lon - northWest.lon) / size.width;
  const step = GRID_STEPS.findLast((degrees) => degrees / degreesPerPixel >= GRID_PIXELS) ?? 30;
  canvas.beginPath();
  for (let lon = Math.ceil(northWest.lon / step) * step; lon < southEast.lon; lon += step) {
    const { x } = toScreen(camera, size, { lon, lat: camera.lat });
    canvas.moveTo(Math.round(x) + 0.5, 0);
    canvas.lineTo(Math.round(x) + 0.5, size.height);
  }
  for (let lat = Math.ceil(southEast.lat / step) * step; lat < northWest.lat; lat += step) {
    const { y } = toScreen(camera, size, { lon: camera.lon, lat });
    canvas.moveTo(0, Math.round(y) + 0.5);
    canvas.lineTo(size.width, Math.round(y) + 0.5);
  }
  canvas.lineWidth = 1;
  canvas.strokeStyle = paint.grid;
  canvas.stroke();
}

/** Sea, land, borders, and a fine grid that gives the eye something to hold where no border is near. */
export function drawLand(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  paint: Paint,
  outlines: Outlines | undefined,
): void {
  canvas.fillStyle = outlines === undefined ? paint.land : paint.sea;
  canvas.fillRect(0, 0, size.width, size.height);
  if (outlines !== undefined) {
    const path = geoPath(d3Projection(camera, size), canvas);
    canvas.beginPath();
    path(outlines.land);
    canvas.fillStyle = paint.land;
    canvas.fill();
    canvas.lineWidth = 1;
    canvas.strokeStyle = paint.border;
    canvas.stroke();
    canvas.beginPath();
    path(outlines.borders);
    canvas.stroke();
  }
  drawGrid(canvas, camera, size, paint);
}

/** A bar of a round length, at the latitude of the middle of the map. */
export function drawScaleBar(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, paint: Paint): void {
  const perPixel = metresPerPixel(camera, camera.lat);
  const longest = perPixel * 110;
  const decade = 10 ** Math.floor(Math.log10(longest));
  const metres = decade * ([5, 2, 1].find((times) => times * decade <= longest) ?? 1);
  const pixels = metres / perPixel;
  const [x, y] = [size.width - 14 - pixels, size.height - 12];
  canvas.beginPath();
  canvas.moveTo(x, y - 4);
  canvas.lineTo(x, y);
  canvas.lineTo(x + pixels, y);
  canvas.lineTo(x + pixels, y - 4);
  canvas.lineWidth = 1.5;
  canvas.strokeStyle = paint.muted;
  canvas.stroke();
  canvas.font = "11px system-ui, sans-serif";
  canvas.textAlign = "center";
  canvas.fillStyle = paint.muted;
  haloText(canvas, paint, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, x + pixels / 2, y - 6);
}
