/** A difference of longitudes as the short way around the Earth, degrees from −180 to 180. */
export function shortWay(degrees: number): number {
  if (degrees <= 180 && degrees >= -180) return degrees;
  return degrees - 360 * Math.round(degrees / 360);
}

/** The same longitude within −180 to 180 degrees. */
export function normalLongitude(degrees: number): number {
  return shortWay(degrees);
}
