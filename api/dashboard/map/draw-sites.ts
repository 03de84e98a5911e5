import type { Stage } from "../state/resources.ts";
import { type Box, placeLabel, boxAround } from "./label-placement.ts";
import type { MapColours } from "./colours.ts";
import { type Lane, polygonsOf, type Site } from "./sites.ts";
import { type Camera, type Point, type Size, metresPerPixel, toScreen } from "./projection.ts";
import { PLAIN_SHAPE, STAGE_SHAPES } from "./stage-shapes.ts";

const PLAIN_PATH = new Path2D(PLAIN_SHAPE);
const STAGE_PATHS: Record<Stage, Path2D> = {
  production: new Path2D(STAGE_SHAPES.production),
  storage: new Path2D(STAGE_SHAPES.storage),
  transportation: new Path2D(STAGE_SHAPES.transportation),
  delivery: new Path2D(STAGE_SHAPES.delivery),
};

function traceFence(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, { fence, centre }: Site): void {
  canvas.beginPath();
  if ("radius_m" in fence) {
    const { x, y } = toScreen(camera, size, centre);
    canvas.arc(x, y, fence.radius_m / metresPerPixel(camera, centre.lat), 0, 2 * Math.PI);
    return;
  }
  for (const ring of polygonsOf(fence).flat()) {
    ring.forEach(([stated = 0, lat = 0], index) => {
      // Across the 180th meridian a ring goes on: on the same side as its centre.
      const lon = stated - 360 * Math.round((stated - centre.lon) / 360);
      const { x, y } = toScreen(camera, size, { lon, lat });
      if (index === 0) canvas.moveTo(x, y);
      else canvas.lineTo(x, y);
    });
    canvas.closePath();
  }
}

function drawFence(canvas: CanvasRenderingContext2D, camera: Camera, size: Size, colour: string, site: Site): void {
  traceFence(canvas, camera, size, site);
  canvas.globalAlpha = 0.13;
  canvas.fillStyle = colour;
  canvas.fill("evenodd");
  canvas.globalAlpha = 0.75;
  canvas.lineWidth = 1.25;
  canvas.strokeStyle = colour;
  canvas.stroke();
  canvas.globalAlpha = 1;
}

function drawMark(canvas: CanvasRenderingContext2D, colours: MapColours, { location }: Site, { x, y }: Point): void {
  canvas.save();
  canvas.translate(x - 8, y - 8);
  const shape = location.stage === null ? PLAIN_PATH : STAGE_PATHS[location.stage];
  canvas.lineWidth = 4;
  canvas.strokeStyle = colours.halo;
  canvas.lineJoin = "round";
  canvas.stroke(shape);
  canvas.fillStyle = colours.stage[location.stage ?? "plain"];
  canvas.fill(shape);
  canvas.restore();
}

/** Dashed straight lines from origin to destination: they do not follow the road. */
export function drawLanes(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  colours: MapColours,
  lanes: Lane[],
): void {
  canvas.setLineDash([2, 5]);
  canvas.lineWidth = 1.25;
  canvas.strokeStyle = colours.lane;
  canvas.beginPath();
  for (const lane of lanes) {
    const [from, to] = [toScreen(camera, size, lane.from), toScreen(camera, size, lane.to)];
    canvas.moveTo(from.x, from.y);
    canvas.lineTo(to.x, to.y);
  }
  canvas.stroke();
  canvas.setLineDash([]);
}

/** Draws geofences, marks, and the names that fit. Returns the boxes that later labels must not cover. */
export function drawSites(
  canvas: CanvasRenderingContext2D,
  camera: Camera,
  size: Size,
  colours: MapColours,
  sites: Site[],
): Box[] {
  const visible = sites
    .map((site) => ({ site, at: toScreen(camera, size, site.centre) }))
    .filter(({ at }) => at.x > -200 && at.y > -200 && at.x < size.width + 200 && at.y < size.height + 200);
  for (const { site } of visible) {
    drawFence(canvas, camera, size, colours.stage[site.location.stage ?? "plain"], site);
  }
  const taken = visible.map(({ at }) => boxAround(at, 9));
  for (const { site, at } of visible) drawMark(canvas, colours, site, at);
  canvas.font = "600 12px system-ui, sans-serif";
  canvas.textAlign = "left";
  canvas.fillStyle = colours.ink;
  for (const { site, at } of visible) placeLabel(canvas, size, colours, taken, site.location.name, at, false);
  return taken;
}
