import { createStore } from "../state/store.ts";
import { type Camera, type LonLat, type Size, toScreen, withinWorld } from "./projection.ts";

/** Whether the map keeps the chosen vehicle in the middle. It ends when somebody moves the map. */
export const follows = createStore(false);

export const followAgain = (): void => follows.set(true);
export const stopFollowing = (): void => follows.set(false);

/** A vehicle that is chosen is brought at least this near. */
const NEAR_ZOOM = 10;
/** Drawing the land again costs more than drawing the vehicles: a smaller step is not worth it. */
const STEP_PIXELS = 1;

export function cameraNear(camera: Camera, { lon, lat }: LonLat): Camera {
  return withinWorld({ lon, lat, zoom: Math.max(camera.zoom, NEAR_ZOOM) });
}

/** The camera that has `place` in the middle; undefined while it is near enough. */
export function cameraAfter(camera: Camera, size: Size, { lon, lat }: LonLat): Camera | undefined {
  const { x, y } = toScreen(camera, size, { lon, lat });
  const pixels = Math.hypot(x - size.width / 2, y - size.height / 2);
  return pixels < STEP_PIXELS ? undefined : withinWorld({ ...camera, lon, lat });
}
