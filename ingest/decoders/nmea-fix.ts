import type { Sentence } from "./nmea-sentence.ts";

/** Metres per second of one knot (BIPM: 1852 m per hour). */
const METRES_PER_SECOND_PER_KNOT = 1852 / 3600;
const DAY_MS = 86_400_000;

/** RMC: date, time, position, speed (m/s) and course (degrees). `fix`: whether the receiver has a fix. */
export interface RmcData {
  ts: number;
  fix: boolean;
  position: Position | undefined;
  speed: number | undefined;
  heading: number | undefined;
}

/** GGA: time without date, position, and the quality of the fix. */
export interface GgaData {
  /** milliseconds since midnight UTC */
  timeOfDay: number;
  fix: boolean;
  position: Position | undefined;
  satellites: number | undefined;
  altitude: number | undefined;
}

export interface Position {
  lat: number;
  lon: number;
}

/** @returns undefined when time or date are missing */
export function parseRmc({ fields }: Sentence): RmcData | undefined {
  const [time = "", status, lat, northSouth, lon, eastWest, knots, course, date = "", , , mode = "A"] = fields;
  const timeOfDay = parseTime(time);
  const day = /^(\d{2})(\d{2})(\d{2})$/.exec(date);
  if (timeOfDay === undefined || !day) return undefined;
  const [dayOfMonth, month, year] = [Number(day[1]), Number(day[2]), Number(day[3])];
  if (dayOfMonth < 1 || dayOfMonth > 31 || month < 1 || month > 12) return undefined;
  // The year has two digits, and GPS started in 1980.
  const midnight = Date.UTC(year < 80 ? 2000 + year : 1900 + year, month - 1, dayOfMonth);
  const speed = optional(knots);
  return {
    ts: midnight + timeOfDay,
    // Mode N: not valid, S: simulator, M: entered by hand.
    fix: status === "A" && !/^[NSM]/.test(mode),
    position: parsePosition(lat, northSouth, lon, eastWest),
    speed: speed === undefined ? undefined : speed * METRES_PER_SECOND_PER_KNOT,
    heading: optional(course),
  };
}

export function parseGga({ fields }: Sentence): GgaData | undefined {
  const [time = "", lat, northSouth, lon, eastWest, quality, satellites, , altitude] = fields;
  const timeOfDay = parseTime(time);
  if (timeOfDay === undefined) return undefined;
  return {
    timeOfDay,
    // Quality 0: no fix, 7: entered by hand, 8: simulator.
    fix: /^[1-69]$/.test(quality ?? ""),
    position: parsePosition(lat, northSouth, lon, eastWest),
    satellites: optional(satellites),
    altitude: optional(altitude),
  };
}

/** The instant with this time of day (UTC) that is nearest to `near`. */
export function nearestInstant(timeOfDay: number, near: number): number {
  const sameDay = Math.floor(near / DAY_MS) * DAY_MS + timeOfDay;
  const days = Math.round((near - sameDay) / DAY_MS);
  return sameDay + days * DAY_MS;
}

export const timeOfDayOf = (ts: number): number => ts % DAY_MS;

/** `hhmmss.sss`; the leap second 60 belongs to the next minute. */
function parseTime(text: string): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (hours > 23 || minutes > 59 || seconds >= 61) return undefined;
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

/** `ddmm.mmmm` with N or S, and `dddmm.mmmm` with E or W. */
function parsePosition(lat = "", northSouth = "", lon = "", eastWest = ""): Position | undefined {
  const north = degrees(lat, 2);
  const east = degrees(lon, 3);
  if (north === undefined || east === undefined || !/^[NS]$/.test(northSouth) || !/^[EW]$/.test(eastWest))
    return undefined;
  return { lat: northSouth === "S" ? -north : north, lon: eastWest === "W" ? -east : east };
}

function degrees(text: string, digits: number): number | undefined {
  const match = /^(\d+)(\d{2}(?:\.\d+)?)$/.exec(text);
  if (!match || match[1]?.length !== digits || Number(match[2]) >= 60) return undefined;
  // Nine decimals of a degree are a tenth of a millimetre.
  return Math.round((Number(match[1]) + Number(match[2]) / 60) * 1e9) / 1e9;
}

const optional = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d+(?:\.\d*)?$/.test(text) ? Number(text) : undefined;
