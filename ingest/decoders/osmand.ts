import { harshOf } from "./harsh-alarm.ts";
import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, type Decoder, emptyDecoded, type RejectionReason, rejected } from "./decoder.ts";
import { decodeElements, isObject, type JsonObject, readText } from "./json/payload.ts";
import { omitMissing } from "./omit-missing.ts";
import { accuracyOf, ifKnown, METRES_PER_SECOND_PER_KNOT, numberOf, numeric } from "./osmand/numbers.ts";
import { addTimedReading } from "./time/receiver-time.ts";
import { ignoreField, ignoreUnknown } from "./validation/ignored-fields.ts";
import { parseVendorTime } from "./time/vendor-time.ts";

/**
 * OsmAnd and Traccar Client: a URL query or a form (`lat`, `lon`, `timestamp`, `speed` in knots, `batt` in percent), the
 * same as a flat JSON object, or the JSON of newer clients (SI units, `battery.level` 0 to 1): `{"location":{…}}`,
 * `{"location":[…]}`, `{"locations":[…]}`, a location alone, or an array of any of these. In all of them phones send -1
 * for an unknown speed, bearing, accuracy or battery. Without an accuracy, `hdop` stands in for it.
 */
export const decodeOsmAnd: Decoder = ({ payload, receivedAt }) => {
  const read = readText(payload);
  if (typeof read !== "string") return rejected(read.reason, read.detail);
  const text = read.trim();
  if (text === "") return rejected("empty", "empty payload");
  if (!text.startsWith("{") && !text.startsWith("[")) {
    const decoded = emptyDecoded();
    addFlatLocation(decoded, new URLSearchParams(text.slice(text.indexOf("?") + 1)), 0, receivedAt);
    return decoded;
  }
  return decodeElements(payload, "locations", (decoded, element, index) => {
    const locations = locationsOf(element);
    if (locations.length === 0) reject(decoded, index, "not-a-reading", "a list without locations");
    if (locations.length > MAX_READINGS_PER_MESSAGE) {
      const detail = `${locations.length} locations, at most ${MAX_READINGS_PER_MESSAGE} are allowed`;
      reject(decoded, index, "too-many-readings", detail);
      return;
    }
    locations.forEach((location, inner) => {
      const known = decoded.rejections.length;
      addLocation(decoded, location, locations.length > 1 ? inner : index, receivedAt);
      const rejection = decoded.rejections[known];
      if (rejection && locations.length > 1) rejection.part = JSON.stringify(location);
    });
  });
};

function locationsOf(element: unknown): readonly unknown[] {
  if (!isObject(element)) return [element];
  const stated = element["locations"] ?? element["location"];
  if (Array.isArray(stated)) return stated.flatMap((each) => (isObject(each) ? locationsOf(each) : [each]));
  return [isObject(stated) ? stated : element];
}

/** The parameters of the protocol (https://www.traccar.org/osmand); those that no reading has are left out. */
const PARAMETERS = new Set(
  (
    "id deviceid device_id valid timestamp time lat latitude lon lng longitude location cell wifi speed bearing heading " +
    "altitude accuracy hdop batt battery charge driverUniqueId kind ignition odometer fuel hours power alarm"
  ).split(" "),
);

function addFlatLocation(decoded: Decoded, query: URLSearchParams, index: number, receivedAt: number): void {
  const stated = (...names: string[]) => names.map((name) => query.get(name)).find((found) => found !== null);
  const alarm = query.get("alarm");
  for (const name of new Set(query.keys())) {
    if (!PARAMETERS.has(name) || (name === "alarm" && harshOf(alarm) === undefined)) ignoreField(decoded, "gps", name);
  }
  const [pairLat, pairLon] = query.get("location")?.split(",") ?? [];
  const [lat, lon] = [stated("lat", "latitude") ?? pairLat, stated("lon", "lng", "longitude") ?? pairLon].map(numeric);
  if (lat === undefined || lon === undefined) {
    reject(decoded, index, "not-a-reading", "lat, lon: expected a position, such as lat=48.1&lon=11.5");
    return;
  }
  const timestamp = stated("timestamp", "time");
  // In this protocol a date without offset is UTC.
  const ts = timestamp === undefined ? receivedAt : (parseVendorTime(timestamp) ?? parseVendorTime(`${timestamp}Z`));
  if (ts === undefined) {
    reject(decoded, index, "bad-time", "timestamp: expected epoch seconds, milliseconds or ISO 8601");
    return;
  }
  const value = (...names: string[]) => numeric(stated(...names));
  const unsigned = (...names: string[]) => ifKnown(value(...names));
  const [knots, percent] = [unsigned("speed"), unsigned("batt", "battery")];
  const details = omitMissing({
    accuracy: accuracyOf(unsigned("accuracy"), unsigned("hdop")),
    speed: knots === undefined ? undefined : knots * METRES_PER_SECOND_PER_KNOT,
    heading: unsigned("bearing", "heading"),
    altitude: value("altitude"),
    // `valid=false` is how this protocol says that there is no fix. The position is then the last known one.
    satellites: /^(?:false|0)$/i.test(query.get("valid") ?? "") ? 0 : undefined,
    battery: percent === undefined ? undefined : percent / 100,
  });
  addTimedReading(decoded, "gps", { ts, lat, lon, ...details }, index, receivedAt);
  // The attributes of Traccar: metres, percent, milliseconds, volts.
  const [fuel, runMs] = [unsigned("fuel"), unsigned("hours")];
  addVehicle(
    decoded,
    { ts, index, receivedAt },
    {
      ignition: /^(?:true|1)$/i.test(query.get("ignition") ?? "") || (query.has("ignition") ? false : undefined),
      odometer: unsigned("odometer"),
      fuel: fuel === undefined ? undefined : fuel / 100,
      engine_hours: runMs === undefined ? undefined : runMs / 3_600_000,
      voltage: unsigned("power"),
      driver: query.get("driverUniqueId") || undefined,
      harsh: harshOf(query.get("alarm")),
    },
  );
}

/** Adds what is known of the vehicle, if anything is. */
function addVehicle(
  decoded: Decoded,
  { ts, index, receivedAt }: { ts: number; index: number; receivedAt: number },
  told: Record<string, unknown>,
): void {
  const known = omitMissing(told);
  if (Object.keys(known).length > 0) addTimedReading(decoded, "vehicle", { ts, ...known }, index, receivedAt);
}

function reject(decoded: Decoded, index: number, reason: RejectionReason, detail: string): void {
  decoded.rejections.push({ index, reason, detail });
}

/** What the newer clients send with a location; the rest of it is no part of a reading. */
const LOCATION_FIELDS = new Set(
  (
    "timestamp coords battery is_moving odometer event activity extras uuid age mock provider is_heartbeat geofence " +
    "device_id recorded_at timestampMeta"
  ).split(" "),
);

const COORDS_FIELDS = new Set(
  (
    "latitude longitude accuracy hdop speed speed_accuracy heading heading_accuracy altitude altitude_accuracy " +
    "ellipsoidal_altitude floor age"
  ).split(" "),
);

function addLocation(decoded: Decoded, location: unknown, index: number, receivedAt: number): void {
  if (!isObject(location)) return reject(decoded, index, "not-a-reading", "location: expected an object");
  const { coords } = location;
  if (!isObject(coords)) {
    const isFlat = ["lat", "latitude", "lon", "location"].some((name) => location[name] !== undefined);
    if (!isFlat) return reject(decoded, index, "not-a-reading", "location.coords: expected an object");
    for (const [name, value] of Object.entries(location))
      if (typeof value === "object" && value !== null) ignoreField(decoded, "gps", name);
    return addFlatLocation(decoded, parametersOf(location), index, receivedAt);
  }
  ignoreUnknown(decoded, "gps", location, LOCATION_FIELDS);
  ignoreUnknown(decoded, "gps", coords, COORDS_FIELDS);
  const ts = parseVendorTime(location["timestamp"]);
  if (ts === undefined) return reject(decoded, index, "bad-time", "location.timestamp: expected ISO 8601 with offset");
  const candidate = { ts, lat: coords["latitude"], lon: coords["longitude"], ...detailsOf(location, coords) };
  addTimedReading(decoded, "gps", candidate, index, receivedAt);
}

/** Texts and numbers of a flat JSON object as the parameters of a query. */
function parametersOf(location: JsonObject): URLSearchParams {
  const stated = Object.entries(location).filter(([, value]) => /^(?:string|number|boolean)$/.test(typeof value));
  return new URLSearchParams(Object.fromEntries(stated.map(([name, value]) => [name, String(value)])));
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
