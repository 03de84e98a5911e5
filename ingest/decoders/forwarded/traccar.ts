import { harshOf } from "../harsh-alarm.ts";
import type { Kind } from "../../../broker/contract/readings.ts";
import type { Decoded, Decoder } from "../decoder.ts";
import { isObject, type JsonObject } from "../json/payload.ts";
import { finiteNumber } from "../json/finite-number.ts";
import { omitMissing } from "../omit-missing.ts";
import { addTimedReading } from "../time/receiver-time.ts";
import { parseVendorTime } from "../time/vendor-time.ts";
import { ignoreField, ignoreUnknown } from "../validation/ignored-fields.ts";
import { decodeForwarded } from "./forwarded.ts";
import type { PayloadFields } from "../../domain/payload-fields.ts";
import { mapValue, numberOf } from "./payload-fields.ts";

/** Metres per second of one knot (BIPM: 1852 m per hour). */
const METRES_PER_SECOND_PER_KNOT = 1852 / 3600;
/** Metres of horizontal error for a dilution of precision of 1: usual for a receiver without corrections. */
const METRES_PER_HDOP = 5;
const MS_PER_HOUR = 3_600_000;

const POSITION_FIELDS = new Set(
  (
    "id attributes deviceId type protocol serverTime deviceTime fixTime outdated valid latitude longitude altitude speed " +
    "course address accuracy network geofenceIds"
  ).split(" "),
);

/** Attributes of a position (Position.java) that tell of the message or the way, and are no measurement of their own. */
const KNOWN_ATTRIBUTES = new Set(
  (
    "sat satVisible hdop vdop pdop rssi roaming event status index raw type motion distance totalDistance tripOdometer " +
    "serviceOdometer obdOdometer archive approximate ip versionFw versionHw charge source result iccid operator"
  ).split(" "),
);

/** What a value becomes; the attributes that tell one thing stand in the order of trust. */
const MEASURES: readonly (readonly [kind: "env" | "vehicle", field: string, names: readonly string[], of: Convert])[] =
  [
    ["vehicle", "ignition", ["ignition"], booleanOf],
    // totalDistance is what Traccar itself has added up of the way.
    ["vehicle", "odometer", ["odometer", "obdOdometer", "totalDistance"], positive],
    // `fuel` is litres in some protocols and percent in others: the profile of a device says which (docs/devices.md).
    ["vehicle", "fuel", ["fuelLevel", "fuel"], percent],
    ["vehicle", "engine_hours", ["hours"], (value) => scaled(positive(value), 1 / MS_PER_HOUR)],
    ["vehicle", "voltage", ["power"], positive],
    ["vehicle", "driver", ["driverUniqueId"], textOf],
    ["vehicle", "harsh", ["alarm"], harshOf],
    ["env", "celsius", ["temp1", "temp", "temperature"], numberOf],
    ["env", "humidity", ["humidity", "humidity1"], percent],
    ["env", "lux", ["lux", "illuminance"], positive],
  ];

const HINTS: Readonly<Record<string, string>> = {
  battery: "volts are no charge: batteryLevel is read",
  fuel: "expected percent: map litres in the device's profile, with the size of the tank",
  alarm: "an alarm of Traccar is no reading",
};

type Convert = (value: unknown) => unknown;

/**
 * Position and event forwarding of Traccar as JSON (`forward.type` json or mqtt, `event.forward.type` the same):
 * `{position, device}` and `{event, position, device}`. Speed is in knots, distances in metres, `hours` in milliseconds;
 * `accuracy` 0 means that it is unknown. A position that is `outdated` repeats the last known place: only its attributes count.
 */
export const decodeTraccar: Decoder = ({ payload, receivedAt, payloadFieldsOf }) =>
  decodeForwarded(payload, "positions", (message, decoded, index) => {
    const device = isObject(message["device"]) ? message["device"] : {};
    const unique = device["uniqueId"];
    const ids = typeof unique === "string" && unique !== "" ? [unique] : [];
    const { event } = message;
    // An older Traccar forwards the position itself.
    const position = message["position"] ?? (message["fixTime"] === undefined ? undefined : message);
    if (isObject(position)) addPosition(decoded, position, { index, receivedAt, fields: payloadFieldsOf?.(ids) });
    if (isObject(event)) addEvent(decoded, event, index, receivedAt);
    else if (!isObject(position)) {
      decoded.rejections.push({ index, reason: "not-a-reading", detail: "position: expected an object" });
    }
    return ids;
  });

function addEvent(decoded: Decoded, event: JsonObject, index: number, receivedAt: number): void {
  const type = typeof event["type"] === "string" ? event["type"].slice(0, 64) : "";
  const state = type === "deviceOnline" ? "online" : type === "deviceOffline" ? "offline" : undefined;
  if (state === undefined) {
    decoded.warnings.push(`event ${type}: it is no reading of its own`);
    return;
  }
  const time = event["eventTime"] ?? event["serverTime"];
  const ts = time === undefined ? receivedAt : parseVendorTime(time);
  if (ts === undefined)
    decoded.rejections.push({ index, reason: "bad-time", detail: "event.eventTime: expected ISO 8601" });
  else decoded.statuses = [{ ts, state, session: undefined }];
}

interface Context {
  index: number;
  receivedAt: number;
  fields: PayloadFields | undefined;
}

function addPosition(decoded: Decoded, position: JsonObject, { index, receivedAt, fields }: Context): void {
  const fixTime = parseVendorTime(position["fixTime"]);
  const deviceTime = parseVendorTime(position["deviceTime"]) ?? fixTime;
  if (fixTime === undefined || deviceTime === undefined) {
    decoded.rejections.push({ index, reason: "bad-time", detail: "position.fixTime: expected ISO 8601 with offset" });
    return;
  }
  ignoreUnknown(decoded, "gps", position, POSITION_FIELDS);
  const attributes = isObject(position["attributes"]) ? position["attributes"] : {};
  const { measured, ts: toldAt } = measure(decoded, attributes, fields);
  const isOutdated = position["outdated"] === true;
  const battery = percent(attributes["batteryLevel"]);
  if (isOutdated) {
    if (battery !== undefined) measured.set("env", { battery, ...measured.get("env") });
    if (measured.size === 0) decoded.warnings.push("the position is outdated, and nothing was measured beside it");
  } else {
    const mapped = measured.get("gps");
    measured.delete("gps");
    const fix = { ts: fixTime, ...fixOf(position, attributes), ...omitMissing({ battery }), ...mapped };
    addTimedReading(decoded, "gps", fix, index, receivedAt);
  }
  for (const [kind, values] of measured) {
    addTimedReading(decoded, kind, { ts: toldAt ?? deviceTime, ...values }, index, receivedAt);
  }
}

function fixOf(position: JsonObject, attributes: JsonObject): Record<string, unknown> {
  const [knots, accuracy, hdop] = [position["speed"], position["accuracy"], attributes["hdop"]].map(positive);
  const satellites = finiteNumber(attributes["sat"]);
  return omitMissing({
    lat: position["latitude"],
    lon: position["longitude"],
    altitude: finiteNumber(position["altitude"]),
    speed: scaled(knots, METRES_PER_SECOND_PER_KNOT),
    heading: positive(position["course"]),
    accuracy: accuracy || (hdop ? hdop * METRES_PER_HDOP : undefined),
    // `valid: false` says that there is no fix; the position is then the last known one.
    satellites: position["valid"] === false ? 0 : Number.isInteger(satellites) ? positive(satellites) : undefined,
  });
}

/** The values of the attributes by kind: as the device's profile says, else as Traccar names them. Counts the others. */
function measure(
  decoded: Decoded,
  attributes: JsonObject,
  fields: PayloadFields | undefined,
): { measured: Map<Kind, Record<string, unknown>>; ts: number | undefined } {
  const measured = new Map<Kind, Record<string, unknown>>();
  const add = (kind: Kind, field: string, value: unknown) =>
    measured.set(kind, { ...measured.get(kind), [field]: value });
  const used = new Set<string>();
  let ts: number | undefined;
  for (const [name, value] of Object.entries(attributes)) {
    const told = mapValue(fields, name, value);
    if (told === undefined || told === "unusable") continue;
    used.add(name);
    if (told === "unused") continue;
    if (told.kind === undefined) ts = told.value as number;
    else add(told.kind, told.field, told.value);
  }
  for (const [kind, field, names, convert] of MEASURES) {
    const name = names.find((each) => !used.has(each) && convert(attributes[each]) !== undefined);
    if (name === undefined || measured.get(kind)?.[field] !== undefined) continue;
    used.add(name);
    add(kind, field, convert(attributes[name]));
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || used.has(name) || KNOWN_ATTRIBUTES.has(name)) continue;
    if (name === "batteryLevel" && percent(value) !== undefined) continue;
    ignoreField(decoded, undefined, name, () => (Object.hasOwn(HINTS, name) ? HINTS[name] : undefined));
  }
  return { measured, ts };
}

function positive(value: unknown): number | undefined {
  const number = finiteNumber(value);
  return number !== undefined && number >= 0 ? number : undefined;
}

/** Percent as a fraction; undefined for what cannot be percent. */
function percent(value: unknown): number | undefined {
  const number = positive(value);
  return number !== undefined && number <= 100 ? number / 100 : undefined;
}

const scaled = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

function booleanOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text !== "" ? text.slice(0, 128) : undefined;
}
