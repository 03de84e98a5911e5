import { geoPath } from "d3-geo";
import type { Outlines } from "./outlines.ts";
import { type MapColours, drawHaloText } from "./colours.ts";
import { type Camera, type Size, d3Projection, metresPerPixel, toLonLat, toScreen } from "./projection.ts";

const GRID_STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01];
const GRID_PIXELS = 90;

function drawGrid(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, colours: MapColours): void {
  const northWest = toLonLat(camera, size, { x: 0, y: 0 });
  const southEast = toLonLat(camera, size, { x: size.width, y: size.height });
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
  canvas.strokeStyle = colours.grid;
  canvas.stroke();
}

/** Draws sea, land, borders and a fine grid. The grid shows pan and zoom where no border is in view. */
export function drawLand(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  colours: MapColours,
  outlines: Outlines | undefined,
): void {
  canvas.fillStyle = outlines === undefined ? colours.land : colours.sea;
  canvas.fillRect(0, 0, size.width, size.height);
  if (outlines !== undefined) {
    const path = geoPath(d3Projection(camera, size), canvas);
    canvas.beginPath();
    path(outlines.land);
    canvas.fillStyle = colours.land;
    canvas.fill();
    canvas.lineWidth = 1;
    canvas.strokeStyle = colours.border;
    canvas.stroke();
    canvas.beginPath();
    path(outlines.borders);
    canvas.stroke();
  }
  drawGrid(canvas, camera, size, colours);
}

/** Draws a scale bar of 1, 2 or 5 times a power of ten, true at the latitude of the map's centre. */
export function drawScaleBar(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, colours: MapColours): void {
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
  canvas.strokeStyle = colours.muted;
  canvas.stroke();
  canvas.font = "11px system-ui, sans-serif";
  canvas.textAlign = "center";
  canvas.fillStyle = colours.muted;
  drawHaloText(canvas, colours, metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, x + pixels / 2, y - 6);
}
