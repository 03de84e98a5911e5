import { serverNow } from "../state/clock.ts";
import { loaded, world } from "../state/live.ts";
import { look, view } from "../state/view.ts";
import { drawLand, drawScaleBar } from "./draw-land.ts";
import { drawLanes, drawPlaces } from "./draw-places.ts";
import { drawTrucks, trucksInView } from "./draw-trucks.ts";
import { handle } from "./interaction.ts";
import type { Box } from "./labels.ts";
import { type Mover, follow, isGliding } from "./motion.ts";
import { outlines } from "./outlines.ts";
import { readPaint } from "./paint.ts";
import { type Site, extent, lanesOf, sitesOf } from "./places.ts";
import { type Camera, type Point, type Size, fitted, toScreen, withinWorld, zoomed } from "./projection.ts";

const HIT_PIXELS = 16;
const FIT_MARGIN = 70;
/** A standing truck turns silent while nothing arrives: the upper layer is drawn at least this often. */
const IDLE_REDRAW_MS = 5000;

export interface Picture {
  fit(): void;
  zoomBy(steps: number): void;
  close(): void;
}

function sharpen(canvas: HTMLCanvasElement, size: Size): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser has no 2D canvas");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * The map as two layers: below, what changes with the camera (land, places); above, what moves (trucks). Frames are
 * asked for only while something has changed or glides.
 */
export function openPicture(below: HTMLCanvasElement, above: HTMLCanvasElement): Picture {
  const movers = new Map<number, Mover>();
  const darkness = matchMedia("(prefers-color-scheme: dark)");
  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  let size: Size = { width: above.clientWidth, height: above.clientHeight };
  let camera: Camera = { lon: 10, lat: 30, zoom: 1.5 };
  let [ground, moving] = [sharpen(below, size), sharpen(above, size)];
  let paint = readPaint(above);
  let sites: Site[] = [];
  let placeBoxes: Box[] = [];
  let fittedOnce = false;
  let groundChanged = true;
  let frame: number | undefined;

  function draw(frameMs: number): void {
    frame = undefined;
    if (size.width === 0 || size.height === 0) return;
    if (groundChanged) {
      groundChanged = false;
      drawLand(ground, camera, size, paint, outlines.get());
      drawLanes(ground, camera, size, paint, lanesOf(world.get().shipments.values(), world.get().locations));
      placeBoxes = drawPlaces(ground, camera, size, paint, sites);
      drawScaleBar(ground, camera, size, paint);
    }
    moving.clearRect(0, 0, size.width, size.height);
    const trucks = trucksInView(movers.values(), camera, size, frameMs, serverNow());
    drawTrucks(moving, camera, size, paint, trucks, view.get().vehicleId, placeBoxes);
    if ([...movers.values()].some((mover) => isGliding(mover, frameMs))) ask();
  }

  function ask(ground = false): void {
    groundChanged ||= ground;
    frame ??= requestAnimationFrame(draw);
  }

  function move(next: Camera): void {
    camera = next;
    ask(true);
  }

  function fit(): void {
    const next = fitted(extent(sites, world.get().vehicles.values()), size, FIT_MARGIN);
    if (next !== undefined) move(next);
  }

  let seen = world.get();
  function worldChanged(): void {
    const now = world.get();
    const placesChanged = now.locations !== seen.locations;
    if (placesChanged) sites = sitesOf(now.locations);
    const lanesChanged = now.shipments !== seen.shipments;
    seen = now;
    follow(movers, now.vehicles, performance.now(), stillness.matches);
    if (!fittedOnce && loaded.get() && size.width > 0) {
      fittedOnce = true;
      fit();
    }
    ask(placesChanged || lanesChanged);
  }

  function truckAt(point: Point): Mover | undefined {
    const trucks = trucksInView(movers.values(), camera, size, performance.now(), serverNow());
    const near = trucks
      .map(({ mover, at }) => ({ mover, pixels: Math.hypot(at.x - point.x, at.y - point.y) }))
      .filter(({ pixels }) => pixels < HIT_PIXELS)
      .sort((a, b) => a.pixels - b.pixels);
    return near[0]?.mover;
  }

  let chosen = view.get().vehicleId;
  /** A truck chosen in the list is brought into view when it is outside. */
  function viewChanged(): void {
    const { vehicleId } = view.get();
    const mover = vehicleId === null || vehicleId === chosen ? undefined : movers.get(vehicleId);
    chosen = vehicleId;
    if (mover !== undefined) {
      const { x, y } = toScreen(camera, size, mover.position);
      const outside = x < 20 || y < 20 || x > size.width - 20 || y > size.height - 20;
      if (outside) camera = withinWorld({ ...camera, lon: mover.position.lon, lat: mover.position.lat });
      if (outside) groundChanged = true;
    }
    ask();
  }

  function resized(): void {
    size = { width: above.clientWidth, height: above.clientHeight };
    [ground, moving] = [sharpen(below, size), sharpen(above, size)];
    groundChanged = true;
    draw(performance.now()); // at once: a cleared canvas must not flicker
    worldChanged();
  }

  function repaint(): void {
    paint = readPaint(above);
    ask(true);
  }

  const observer = new ResizeObserver(resized);
  observer.observe(above);
  darkness.addEventListener("change", repaint);
  const timer = setInterval(() => ask(), IDLE_REDRAW_MS);
  const ends = [
    world.subscribe(worldChanged),
    loaded.subscribe(worldChanged),
    outlines.subscribe(() => ask(true)),
    view.subscribe(viewChanged),
    handle(above, {
      camera: () => camera,
      size: () => size,
      move,
      fit,
      click: (point) => look({ vehicleId: truckAt(point)?.vehicle.id ?? null }),
      hover: (point) => void (above.style.cursor = truckAt(point) === undefined ? "grab" : "pointer"),
    }),
  ];
  sites = sitesOf(seen.locations);
  worldChanged();

  return {
    fit,
    zoomBy: (steps) => move(zoomed(camera, size, steps, { x: size.width / 2, y: size.height / 2 })),
    close() {
      clearInterval(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
      observer.disconnect();
      darkness.removeEventListener("change", repaint);
      for (const end of ends) end();
    },
  };
}
