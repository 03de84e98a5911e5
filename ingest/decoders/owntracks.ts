import { type Decoder, emptyDecoded, rejected, type StatusReport } from "./decoder.ts";
import { isObject, type JsonObject, parseJson } from "./json-payload.ts";
import { finiteNumber } from "./json-events.ts";
import { omitMissing } from "./omit-missing.ts";
import { addTimedReading } from "./receiver-time.ts";
import { parseVendorTime } from "./vendor-time.ts";

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
export const decodeOwnTracks: Decoder = ({ payload, receivedAt }) => {
  const json = parseJson(payload);
  if (!json.ok) return rejected("not-json", json.detail);
  const message = json.value;
  if (!isObject(message)) return rejected("not-a-reading", "expected an OwnTracks object");
  const type = String(message["_type"]);
  if (type === "lwt") return { ...emptyDecoded(), status: goneSince(message, receivedAt) };
  if (type === "encrypted")
    return rejected("unsupported", "the payload is encrypted: turn encryption off in the app and use TLS");
  if (OTHER_TYPES.has(type)) return { ...emptyDecoded(), warnings: [`${type}: carries no position`] };
  if (type !== "location") return rejected("not-a-reading", "_type: expected location");

  const ts = parseVendorTime(message["tst"]);
  if (ts === undefined) return rejected("bad-time", "tst: expected epoch seconds of the fix");
  const decoded = emptyDecoded();
  const candidate = { ts, lat: message["lat"], lon: message["lon"], ...detailsOf(message) };
  addTimedReading(decoded, "gps", candidate, 0, receivedAt);
  return decoded;
};

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
