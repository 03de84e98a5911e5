import { serverNow } from "../state/clock.ts";
import { loaded, appData } from "../state/live.ts";
import { close, openVehicle } from "../state/navigation.ts";
import { view } from "../state/view.ts";
import { drawLand, drawScaleBar } from "./draw-land.ts";
import { drawLanes, drawSites } from "./draw-sites.ts";
import { drawPlayback } from "./draw-playback.ts";
import { drawTrack } from "./draw-track.ts";
import { drawTrucks, trucksInView } from "./draw-trucks.ts";
import { cameraAfter, cameraNear, follows, stopFollowing } from "./follow.ts";
import { bindPointerInput } from "./pointer-input.ts";
import type { Box } from "./label-placement.ts";
import { playback } from "./playback.ts";
import { shownTrack } from "./track.ts";
import { type TruckMarker, interpolatedPlace, updateMarkers, isGliding } from "./truck-markers.ts";
import { outlines } from "./outlines.ts";
import { readColours } from "./colours.ts";
import { type Site, extent, lanesOf, sitesOf } from "./sites.ts";
import { type Camera, type Point, type Size, cameraToFit, panned, zoomed } from "./projection.ts";

const HIT_PIXELS = 16;
const FIT_MARGIN = 70;
/** The upper layer is drawn at least this often, because a truck becomes silent without any event. */
const IDLE_REDRAW_MS = 5000;

export interface Scene {
  fit(): void;
  zoomBy(steps: number): void;
  close(): void;
}

function scaleToDevicePixels(canvas: HTMLCanvasElement, size: Size): CanvasRenderingContext2D {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser has no 2D canvas");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * Draws the map in two layers: `below` changes with the camera (land, sites), `above` holds the moving trucks. A frame
 * is requested only after a change or during an animation.
 */
export function createScene(below: HTMLCanvasElement, above: HTMLCanvasElement): Scene {
  const markers = new Map<number, TruckMarker>();
  const darkScheme = matchMedia("(prefers-color-scheme: dark)");
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  let size: Size = { width: above.clientWidth, height: above.clientHeight };
  let camera: Camera = { lon: 10, lat: 30, zoom: 1.5 };
  let [base, moving] = [scaleToDevicePixels(below, size), scaleToDevicePixels(above, size)];
  let colours = readColours(above);
  let sites: Site[] = [];
  let placeBoxes: Box[] = [];
  let fittedOnce = false;
  let baseChanged = true;
  let frame: number | undefined;

  function draw(frameMs: number): void {
    frame = undefined;
    if (size.width === 0 || size.height === 0) return;
    keepFollowing(frameMs);
    if (baseChanged) {
      baseChanged = false;
      drawLand(base, camera, size, colours, outlines.get());
      drawLanes(base, camera, size, colours, lanesOf(appData.get().shipments.values(), appData.get().locations));
      drawTrack(base, camera, size, colours, shownTrack.get()?.points ?? []);
      placeBoxes = drawSites(base, camera, size, colours, sites);
      drawScaleBar(base, camera, size, colours);
    }
    moving.clearRect(0, 0, size.width, size.height);
    const trucks = trucksInView(markers.values(), camera, size, frameMs, serverNow());
    drawTrucks(moving, camera, size, colours, trucks, view.get().vehicleId, placeBoxes);
    drawPlayback(moving, camera, size, colours);
    if ([...markers.values()].some((marker) => isGliding(marker, frameMs))) requestFrame();
  }

  function requestFrame(base = false): void {
    baseChanged ||= base;
    frame ??= requestAnimationFrame(draw);
  }

  function moveCamera(next: Camera): void {
    camera = next;
    requestFrame(true);
  }

  /** A person moves the map, and so looks at something else than the vehicle. */
  function moveAway(next: Camera): void {
    stopFollowing();
    moveCamera(next);
  }

  const centre = (): Point => ({ x: size.width / 2, y: size.height / 2 });

  /** Zooming in or out goes on following. */
  function zoomBy(steps: number, anchor: Point): void {
    moveCamera(zoomed(camera, size, steps, follows.get() ? centre() : anchor));
  }

  function fit(): void {
    const next = cameraToFit(extent(sites, appData.get().vehicles.values()), size, FIT_MARGIN);
    if (next !== undefined) moveAway(next);
  }

  function chosenMarker(): TruckMarker | undefined {
    return markers.get(view.get().vehicleId ?? 0);
  }

  function keepFollowing(frameMs: number): void {
    const marker = follows.get() ? chosenMarker() : undefined;
    const next = marker && cameraAfter(camera, size, interpolatedPlace(marker, frameMs));
    if (next === undefined) return;
    camera = next;
    baseChanged = true;
  }

  let fittedTrack = shownTrack.get()?.fits;
  function onTrackChanged(): void {
    const track = shownTrack.get();
    const next = track && track.fits !== fittedTrack ? cameraToFit(track.points, size, FIT_MARGIN) : undefined;
    if (next !== undefined) {
      fittedTrack = track?.fits;
      moveAway(next);
    }
    requestFrame(true);
  }

  let chosen: number | null = null;
  let drawnData = appData.get();
  function onDataChanged(): void {
    const now = appData.get();
    const placesChanged = now.locations !== drawnData.locations;
    if (placesChanged) sites = sitesOf(now.locations);
    const lanesChanged = now.shipments !== drawnData.shipments;
    drawnData = now;
    updateMarkers(markers, now.vehicles, performance.now(), reducedMotion.matches);
    if (!fittedOnce && loaded.get() && size.width > 0) {
      fittedOnce = true;
      fit();
      chosen = null;
      onViewChanged();
    }
    requestFrame(placesChanged || lanesChanged);
  }

  function truckAt(point: Point): TruckMarker | undefined {
    const trucks = trucksInView(markers.values(), camera, size, performance.now(), serverNow());
    const near = trucks
      .map(({ marker, at }) => ({ marker, pixels: Math.hypot(at.x - point.x, at.y - point.y) }))
      .filter(({ pixels }) => pixels < HIT_PIXELS)
      .sort((a, b) => a.pixels - b.pixels);
    return near[0]?.marker;
  }

  /** Brings a vehicle that was chosen into the middle, and follows it from there. */
  function onViewChanged(): void {
    const { vehicleId } = view.get();
    if (vehicleId !== chosen) {
      chosen = vehicleId;
      follows.set(vehicleId !== null);
      const marker = chosenMarker();
      if (marker !== undefined) moveCamera(cameraNear(camera, interpolatedPlace(marker, performance.now())));
      if (vehicleId !== null) above.parentElement?.scrollIntoView({ block: "nearest" });
    }
    requestFrame();
  }

  function onResized(): void {
    size = { width: above.clientWidth, height: above.clientHeight };
    [base, moving] = [scaleToDevicePixels(below, size), scaleToDevicePixels(above, size)];
    baseChanged = true;
    draw(performance.now()); // draw now: resizing clears the canvas, and waiting for the next frame would flicker
    onDataChanged();
  }

  function repaint(): void {
    colours = readColours(above);
    requestFrame(true);
  }

  const observer = new ResizeObserver(onResized);
  observer.observe(above);
  darkScheme.addEventListener("change", repaint);
  const timer = setInterval(() => requestFrame(), IDLE_REDRAW_MS);
  const ends = [
    appData.subscribe(onDataChanged),
    loaded.subscribe(onDataChanged),
    outlines.subscribe(() => requestFrame(true)),
    view.subscribe(onViewChanged),
    follows.subscribe(() => requestFrame()),
    shownTrack.subscribe(onTrackChanged),
    playback.subscribe(() => requestFrame()),
    bindPointerInput(above, {
      size: () => size,
      pan(dx, dy, isPinch) {
        // Two fingers zoom, and hardly ever keep their middle where it is.
        if (!isPinch || !follows.get()) moveAway(panned(camera, size, dx, dy));
      },
      zoom: zoomBy,
      fit,
      click(point) {
        const marker = truckAt(point);
        if (marker === undefined) close("vehicle");
        else openVehicle(marker.vehicle.id);
      },
      hover: (point) => void (above.style.cursor = truckAt(point) === undefined ? "grab" : "pointer"),
    }),
  ];
  sites = sitesOf(drawnData.locations);
  onDataChanged();

  return {
    fit,
    zoomBy: (steps) => zoomBy(steps, centre()),
    close() {
      clearInterval(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
      observer.disconnect();
      darkScheme.removeEventListener("change", repaint);
      for (const end of ends) end();
    },
  };
}
