import type { Fixes } from "../../api/resources/readings/series.ts";

/** The rows of columns of fixes; null: the device did not send it. */
export function rowsOfFixes({ ts, seq, lat, lon, speed }: Fixes) {
  const known = (value: number) => (Number.isNaN(value) ? null : value);
  return [...ts.keys()].map((at) => ({
    ts: ts[at]!,
    seq: seq[at]!,
    lat: known(lat[at]!),
    lon: known(lon[at]!),
    speed: known(speed[at]!),
  }));
}
