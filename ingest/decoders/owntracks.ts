import type { Decoded, Decoder, RejectionReason, StatusReport } from "./decoder.ts";
import { decodeElements, isObject, type JsonObject } from "./json/payload.ts";
import { finiteNumber } from "./json/finite-number.ts";
import { omitMissing } from "./omit-missing.ts";
import { addTimedReading } from "./time/receiver-time.ts";
import { ignoreUnknown } from "./validation/ignored-fields.ts";
import { parseVendorTime } from "./time/vendor-time.ts";

const KMH_PER_METRE_PER_SECOND = 3.6;

/** Message types without a position of the device. */
const OTHER_TYPES = new Set([
  "transition",
  "waypoint",
  "waypoints",
  "card",
  "cmd",
  "configuration",
  "dump",
  "steps",
  "status",
  "beacon",
]);

/**
 * OwnTracks JSON (`_type: location`). `tst` is the time of the fix, so a message that is sent again is the same reading.
 * `vel` is in km/h, `batt` in percent. `lwt` is the MQTT will: the device is offline, and `tst` is when it had connected.
 */
export const decodeOwnTracks: Decoder = ({ payload, receivedAt }) =>
  decodeElements(payload, "messages", (decoded, message, index) => addMessage(decoded, message, index, receivedAt));

/** Every field of a location (https://owntracks.org/booklet/tech/json); those that no reading has are left out. */
const LOCATION_FIELDS = new Set(
  (
    "_type _id acc alt batt bs cog lat lon rad t tid tst vac vel p poi image imagename conn tag topic inregions inrids " +
    "SSID BSSID created_at m motionactivities source"
  ).split(" "),
);

function addMessage(decoded: Decoded, message: unknown, index: number, receivedAt: number): void {
  const reject = (reason: RejectionReason, detail: string) => decoded.rejections.push({ index, reason, detail });
  if (!isObject(message)) return void reject("not-a-reading", "expected an OwnTracks object");
  const type = typeof message["_type"] === "string" ? message["_type"] : "";
  if (type === "lwt") decoded.statuses = [goneSince(message, receivedAt)];
  else if (OTHER_TYPES.has(type)) decoded.warnings.push(`${type}: carries no position`);
  else if (type === "encrypted") {
    reject("unsupported", "the payload is encrypted: turn encryption off in the app and use TLS");
  } else if (type !== "location") reject("not-a-reading", "_type: expected location");
  else {
    ignoreUnknown(decoded, "gps", message, LOCATION_FIELDS);
    const ts = parseVendorTime(message["tst"]);
    if (ts === undefined) return void reject("bad-time", "tst: expected epoch seconds of the fix");
    const candidate = { ts, lat: message["lat"], lon: message["lon"], ...detailsOf(message) };
    addTimedReading(decoded, "gps", candidate, index, receivedAt);
  }
}

/** The apps leave out unknown values, and send some of them as -1. An altitude is unknown when its accuracy `vac` is. */
function detailsOf(message: JsonObject): JsonObject {
  const known = (name: string) => {
    const value = finiteNumber(message[name]);
    return value !== undefined && value >= 0 ? value : undefined;
  };
  const [kmh, percent] = [known("vel"), known("batt")];
  return omitMissing({
    accuracy: known("acc"),
    speed: kmh === undefined ? undefined : kmh / KMH_PER_METRE_PER_SECOND,
    heading: known("cog"),
    altitude: (finiteNumber(message["vac"]) ?? 0) < 0 ? undefined : finiteNumber(message["alt"]),
    battery: percent === undefined ? undefined : percent / 100,
  });
}

function goneSince(message: JsonObject, receivedAt: number): StatusReport {
  const connectedAt = finiteNumber(message["tst"]);
  const session = connectedAt === undefined ? undefined : String(connectedAt);
  return { ts: receivedAt, state: "offline", session };
}
