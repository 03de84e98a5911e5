import { type Decoded, type Decoder, emptyDecoded, rejected } from "./decoder.ts";
import { isObject, type JsonObject, parseJson } from "./json-payload.ts";
import { finiteNumber } from "./json-events.ts";
import { omitMissing } from "./omit-missing.ts";
import { addTimedReading } from "./receiver-time.ts";
import { parseVendorTime } from "./vendor-time.ts";

/** Metres per second of one knot (BIPM: 1852 m per hour). */
const METRES_PER_SECOND_PER_KNOT = 1852 / 3600;

/** Metres of horizontal error for a dilution of precision of 1: usual for a receiver without corrections. */
const METRES_PER_HDOP = 5;

/**
 * OsmAnd and Traccar Client: a URL query (`lat`, `lon`, `timestamp`, `speed` in knots, `batt` in percent), or the
 * JSON of newer clients (SI units, `battery.level` 0 to 1). In both, phones send -1 for an unknown speed, bearing,
 * accuracy or battery. Without an accuracy, `hdop` stands in for it.
 */
export const decodeOsmAnd: Decoder = ({ payload, receivedAt }) => {
  const text = payload.toString("utf8").trim();
  if (!text.startsWith("{") && !text.startsWith("[")) return decodeQuery(text, receivedAt);
  const json = parseJson(payload);
  if (!json.ok) return rejected("not-json", json.detail);
  const stated = isObject(json.value) ? json.value["location"] : json.value;
  const locations: unknown[] = Array.isArray(stated) ? stated : [stated];
  const decoded = emptyDecoded();
  locations.forEach((location, index) => addLocation(decoded, location, index, receivedAt));
  return decoded;
};

function decodeQuery(text: string, receivedAt: number): Decoded {
  const query = new URLSearchParams(text.slice(text.indexOf("?") + 1));
  const [pairLat, pairLon] = query.get("location")?.split(",") ?? [];
  const [lat, lon] = [query.get("lat") ?? pairLat, query.get("lon") ?? pairLon].map(numeric);
  if (lat === undefined || lon === undefined) return rejected("not-a-reading", "lat, lon: expected a position");
  const timestamp = query.get("timestamp");
  // In this protocol a date without offset is UTC.
  const ts = timestamp === null ? receivedAt : (parseVendorTime(timestamp) ?? parseVendorTime(`${timestamp}Z`));
  if (ts === undefined) return rejected("bad-time", "timestamp: expected epoch seconds, milliseconds or ISO 8601");
  const value = (...names: string[]) => numeric(names.map((name) => query.get(name)).find((found) => found !== null));
  const unsigned = (...names: string[]) => ifKnown(value(...names));
  const [knots, percent] = [unsigned("speed"), unsigned("batt")];
  const decoded = emptyDecoded();
  const details = omitMissing({
    accuracy: accuracyOf(unsigned("accuracy"), unsigned("hdop")),
    speed: knots === undefined ? undefined : knots * METRES_PER_SECOND_PER_KNOT,
    heading: unsigned("bearing", "heading"),
    altitude: value("altitude"),
    // `valid=false` is how this protocol says that there is no fix. The position is then the last known one.
    satellites: /^(?:false|0)$/i.test(query.get("valid") ?? "") ? 0 : undefined,
    battery: percent === undefined ? undefined : percent / 100,
  });
  addTimedReading(decoded, "gps", { ts, lat, lon, ...details }, 0, receivedAt);
  return decoded;
}

/** Phones send -1 for an unknown value. */
const ifKnown = (number: number | undefined): number | undefined =>
  number !== undefined && number >= 0 ? number : undefined;

/** An accuracy of 0 m is none. */
function accuracyOf(metres: number | undefined, hdop: number | undefined): number | undefined {
  if (metres !== undefined && metres > 0) return metres;
  return hdop !== undefined && hdop > 0 ? hdop * METRES_PER_HDOP : metres;
}

function addLocation(decoded: Decoded, location: unknown, index: number, receivedAt: number): void {
  const coords = isObject(location) ? location["coords"] : undefined;
  if (!isObject(location) || !isObject(coords)) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: "location.coords: expected an object" });
    return;
  }
  const ts = parseVendorTime(location["timestamp"]);
  if (ts === undefined) {
    decoded.rejections.push({ index, reason: "bad-time", detail: "location.timestamp: expected ISO 8601 with offset" });
    return;
  }
  const candidate = { ts, lat: coords["latitude"], lon: coords["longitude"], ...detailsOf(location, coords) };
  addTimedReading(decoded, "gps", candidate, index, receivedAt);
}

function detailsOf(location: JsonObject, coords: JsonObject): JsonObject {
  const known = (value: unknown) => ifKnown(numberOf(value));
  const battery = isObject(location["battery"]) ? known(location["battery"]["level"]) : undefined;
  return omitMissing({
    accuracy: accuracyOf(known(coords["accuracy"]), known(coords["hdop"])),
    speed: known(coords["speed"]),
    heading: known(coords["heading"]),
    // An altitude may be negative; its accuracy says whether it is known.
    altitude: (numberOf(coords["altitude_accuracy"]) ?? 0) < 0 ? undefined : numberOf(coords["altitude"]),
    battery,
  });
}

/** Some clients send numbers as text. */
const numberOf = (value: unknown): number | undefined =>
  typeof value === "string" ? numeric(value) : finiteNumber(value);

const numeric = (text: string | null | undefined): number | undefined =>
  text !== null && text !== undefined && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
