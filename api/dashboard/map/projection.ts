import { geoMercator, type GeoProjection } from "d3-geo";

// Web Mercator (EPSG:3857): at zoom z the whole Earth is 256 * 2^z pixels wide.

export interface Camera {
  lon: number;
  lat: number;
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface LonLat {
  lon: number;
  lat: number;
}

export const MIN_ZOOM = 1;
export const MAX_ZOOM = 17;
/** northern and southern limit of EPSG:3857, degrees */
const MAX_LAT = 85.0511;
const RADIANS = Math.PI / 180;

export function worldWidth(zoom: number): number {
  return 256 * 2 ** zoom;
}

/** Coordinates from 0 to 1, from the north-west corner of the square map of the Earth. */
function toUnit({ lon, lat }: LonLat): Point {
  const sin = Math.sin(Math.max(-MAX_LAT, Math.min(MAX_LAT, lat)) * RADIANS);
  return { x: lon / 360 + 0.5, y: 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI) };
}

function fromUnit({ x, y }: Point): LonLat {
  return { lon: (x - 0.5) * 360, lat: Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) / RADIANS };
}

/** Pixels from the top left of a map of `size`. */
export function toScreen(camera: Camera, size: Size, place: LonLat): Point {
  const width = worldWidth(camera.zoom);
  const centre = toUnit(camera);
  const unit = toUnit(place);
  return { x: (unit.x - centre.x) * width + size.width / 2, y: (unit.y - centre.y) * width + size.height / 2 };
}

export function toLonLat(camera: Camera, size: Size, point: Point): LonLat {
  const width = worldWidth(camera.zoom);
  const centre = toUnit(camera);
  return fromUnit({
    x: centre.x + (point.x - size.width / 2) / width,
    y: centre.y + (point.y - size.height / 2) / width,
  });
}

export function withinWorld(camera: Camera): Camera {
  return {
    lon: Math.max(-180, Math.min(180, camera.lon)),
    lat: Math.max(-MAX_LAT, Math.min(MAX_LAT, camera.lat)),
    zoom: Math.max(MIN_ZOOM, Math.min(MAX_ZOOM, camera.zoom)),
  };
}

export function panned(camera: Camera, size: Size, dx: number, dy: number): Camera {
  const centre = toLonLat(camera, size, { x: size.width / 2 - dx, y: size.height / 2 - dy });
  return withinWorld({ ...camera, ...centre });
}

/** Zooms by `steps` (1 doubles the scale) and keeps the point under `anchor` where it is. */
export function zoomed(camera: Camera, size: Size, steps: number, anchor: Point): Camera {
  const under = toLonLat(camera, size, anchor);
  const next = withinWorld({ ...camera, zoom: camera.zoom + steps });
  const now = toScreen(next, size, under);
  return panned(next, size, anchor.x - now.x, anchor.y - now.y);
}

/** The camera that shows all places with a margin of `margin` pixels; undefined without places. */
export function cameraToFit(places: readonly LonLat[], size: Size, margin: number): Camera | undefined {
  if (places.length === 0) return undefined;
  const units = places.map(toUnit);
  const xs = units.map((unit) => unit.x);
  const ys = units.map((unit) => unit.y);
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const room = (pixels: number, span: number) =>
    Math.log2(Math.max(60, pixels - 2 * margin) / 256 / Math.max(span, 1e-7));
  const zoom = Math.min(14, room(size.width, east - west), room(size.height, south - north));
  return withinWorld({ ...fromUnit({ x: (west + east) / 2, y: (north + south) / 2 }), zoom });
}

/** Metres that one pixel covers at this latitude. */
export function metresPerPixel(camera: Camera, lat: number): number {
  return (Math.cos(lat * RADIANS) * 2 * Math.PI * 6_378_137) / worldWidth(camera.zoom);
}

/** The same view as a d3-geo projection, clipped to the canvas so that outlines outside cost nothing. */
export function d3Projection(camera: Camera, size: Size): GeoProjection {
  return geoMercator()
    .scale(worldWidth(camera.zoom) / (2 * Math.PI))
    .center([camera.lon, camera.lat])
    .translate([size.width / 2, size.height / 2])
    .clipExtent([
      [-4, -4],
      [size.width + 4, size.height + 4],
    ]);
}
