import { parseIsoInstant } from "../../broker/contract/measurement-time.ts";

/** One recorded position: `ts` in epoch milliseconds, WGS 84 degrees, SI units. */
export interface Fix {
  ts: number;
  lat: number;
  lon: number;
  speed?: number;
  heading?: number;
  altitude?: number;
  accuracy?: number;
}

/** Column names of common GPS loggers, in lower case. */
const NAMES = {
  ts: ["ts", "time", "timestamp", "datetime", "date_time", "fixtime", "devicetime", "gps_time", "tst", "utc"],
  lat: ["lat", "latitude", "lat_deg", "y"],
  lon: ["lon", "lng", "long", "longitude", "lon_deg", "x"],
  speed: ["speed"],
  heading: ["heading", "course", "bearing", "cog"],
  altitude: ["altitude", "alt", "ele", "elevation"],
  accuracy: ["accuracy", "acc"],
} as const;

/** Epoch seconds are below this until the year 5138; larger numbers are milliseconds. */
const MAX_EPOCH_SECONDS = 1e11;

/** Parses one row of a track. @returns the fix, or the reason why the row is not one */
export function parseFix(row: Readonly<Record<string, unknown>>): Fix | string {
  const lower = new Map(Object.entries(row).map(([name, value]) => [name.trim().toLowerCase(), value]));
  const named = (names: readonly string[]) => lower.get(names.find((name) => lower.has(name)) ?? "");
  const place = parsePoint(lower.get("point") ?? lower.get("geometry") ?? lower.get("wkt"));
  const lat = place?.lat ?? parseNumber(named(NAMES.lat));
  const lon = place?.lon ?? parseNumber(named(NAMES.lon));
  if (lat === undefined || lon === undefined) return "no latitude and longitude";
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return `latitude or longitude out of range: ${lat}, ${lon}`;
  const ts = parseTime(named(NAMES.ts));
  if (ts === undefined) return `no time with a UTC offset: ${String(named(NAMES.ts))}`;
  const fix: Fix = { ts, lat, lon };
  for (const name of ["speed", "heading", "altitude", "accuracy"] as const) {
    const value = parseNumber(named(NAMES[name]));
    if (value !== undefined) fix[name] = value;
  }
  return fix;
}

/** Well-known text puts longitude first (OGC 06-103r4 §7). */
function parsePoint(value: unknown): { lat: number; lon: number } | undefined {
  const match = /^\s*POINT\s*\(\s*(-?[\d.eE+-]+)\s+(-?[\d.eE+-]+)/i.exec(typeof value === "string" ? value : "");
  return match ? { lon: Number(match[1]), lat: Number(match[2]) } : undefined;
}

function parseNumber(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function parseTime(value: unknown): number | undefined {
  const epoch = parseNumber(value);
  if (epoch !== undefined) return Math.round(Math.abs(epoch) < MAX_EPOCH_SECONDS ? epoch * 1000 : epoch);
  return typeof value === "string"
    ? parseIsoInstant(
        value
          .trim()
          .replace(" ", "T")
          .replace(/\s+(?=[+-Z])/, ""),
      )
    : undefined;
}
