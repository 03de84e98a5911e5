import type { Sentence } from "./nmea-sentence.ts";

/** Metres per second in a knot (BIPM: 1852 m an hour). */
const METRES_PER_SECOND_PER_KNOT = 1852 / 3600;
const DAY_MS = 86_400_000;

/** RMC: time and place with date, speed and course; `fix` is false when the receiver has none. */
export interface RecommendedMinimum {
  ts: number;
  fix: boolean;
  place: Place | undefined;
  speed: number | undefined;
  heading: number | undefined;
}

/** GGA: what the receiver knows of the quality of its fix. No date. */
export interface FixData {
  /** milliseconds since midnight UTC */
  timeOfDay: number;
  fix: boolean;
  place: Place | undefined;
  satellites: number | undefined;
  altitude: number | undefined;
}

export interface Place {
  lat: number;
  lon: number;
}

/** `undefined`: without time and date nobody knows when it was. */
export function readRmc({ fields }: Sentence): RecommendedMinimum | undefined {
  const [time = "", status, lat, northSouth, lon, eastWest, knots, course, date = "", , , mode = "A"] = fields;
  const timeOfDay = readTime(time);
  const day = /^(\d{2})(\d{2})(\d{2})$/.exec(date);
  if (timeOfDay === undefined || !day) return undefined;
  const [dayOfMonth, month, year] = [Number(day[1]), Number(day[2]), Number(day[3])];
  if (dayOfMonth < 1 || dayOfMonth > 31 || month < 1 || month > 12) return undefined;
  // Two digits of a year: GPS began in 1980.
  const midnight = Date.UTC(year < 80 ? 2000 + year : 1900 + year, month - 1, dayOfMonth);
  const speed = optional(knots);
  return {
    ts: midnight + timeOfDay,
    // Mode N: not valid, S: simulator, M: typed in by hand.
    fix: status === "A" && !/^[NSM]/.test(mode),
    place: placeOf(lat, northSouth, lon, eastWest),
    speed: speed === undefined ? undefined : speed * METRES_PER_SECOND_PER_KNOT,
    heading: optional(course),
  };
}

export function readGga({ fields }: Sentence): FixData | undefined {
  const [time = "", lat, northSouth, lon, eastWest, quality, satellites, , altitude] = fields;
  const timeOfDay = readTime(time);
  if (timeOfDay === undefined) return undefined;
  return {
    timeOfDay,
    // Quality 0: no fix, 7: typed in by hand, 8: simulator.
    fix: /^[1-69]$/.test(quality ?? ""),
    place: placeOf(lat, northSouth, lon, eastWest),
    satellites: optional(satellites),
    altitude: optional(altitude),
  };
}

/** The instant with this time of day that is nearest to another instant. */
export function nearestInstant(timeOfDay: number, near: number): number {
  const sameDay = Math.floor(near / DAY_MS) * DAY_MS + timeOfDay;
  const days = Math.round((near - sameDay) / DAY_MS);
  return sameDay + days * DAY_MS;
}

export const timeOfDayOf = (ts: number): number => ts % DAY_MS;

/** `hhmmss.sss`; the leap second 60 belongs to the next minute. */
function readTime(text: string): number | undefined {
  const match = /^(\d{2})(\d{2})(\d{2}(?:\.\d+)?)$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (hours > 23 || minutes > 59 || seconds >= 61) return undefined;
  return Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

/** `ddmm.mmmm` north or south and `dddmm.mmmm` east or west. */
function placeOf(lat = "", northSouth = "", lon = "", eastWest = ""): Place | undefined {
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
