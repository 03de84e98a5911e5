/** What strangers are told of a position: the nearest point of a grid of so many metres. */
export const GRID_M = 1_000;

const METRES_PER_DEGREE = 111_320;
const LAT_STEP = GRID_M / METRES_PER_DEGREE;

/**
 * The nearest point of a grid that lies still: positions that are asked for again and again tell no more than one of them. At most
 * 710 m lie between them, the half of a diagonal.
 */
export function coarsePosition({ lat, lon }: { lat: number; lon: number }): { lat: number; lon: number } {
  const gridLat = Math.max(-90, Math.min(90, Math.round(lat / LAT_STEP) * LAT_STEP));
  const lonStep = Math.min(360, LAT_STEP / Math.max(Math.cos((gridLat * Math.PI) / 180), 1e-6));
  const gridLon = Math.max(-180, Math.min(180, Math.round(lon / lonStep) * lonStep));
  return { lat: rounded(gridLat), lon: rounded(gridLon) };
}

/** To a hundred-thousandth of a degree, about a metre; without minus zero. */
const rounded = (degrees: number): number => Math.round(degrees * 1e5) / 1e5 + 0;
