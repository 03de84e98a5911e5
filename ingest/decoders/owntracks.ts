import { type Decoder, nothing, refused, type StatusReport } from "./decoder.ts";
import { isObject, type JsonObject, parseJson } from "./json-payload.ts";
import { numberOrAbsent } from "./json-events.ts";
import { present } from "./present.ts";
import { addReading } from "./add-reading.ts";
import { vendorTime } from "./vendor-time.ts";

const KMH_PER_METRE_PER_SECOND = 3.6;

/** Message types that say nothing about where the device is. */
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
 * OwnTracks JSON (`_type: location`). `tst` is the time of the fix, so a message resent later is the same reading;
 * `vel` is km/h, `batt` percent. A `lwt` says that the device is gone: its `tst` is when it first connected.
 */
export const decodeOwnTracks: Decoder = ({ payload, receivedAt }) => {
  const json = parseJson(payload);
  if (!json.ok) return refused("not-json", json.detail);
  const message = json.value;
  if (!isObject(message)) return refused("not-a-reading", "expected an OwnTracks object");
  const type = String(message["_type"]);
  if (type === "lwt") return { ...nothing(), status: goneSince(message, receivedAt) };
  if (type === "encrypted")
    return refused("unsupported", "an encrypted payload: turn encryption off in the app, use TLS");
  if (OTHER_TYPES.has(type)) return { ...nothing(), warnings: [`${type}: carries no position`] };
  if (type !== "location") return refused("not-a-reading", "_type: expected location");

  const ts = vendorTime(message["tst"]);
  if (ts === undefined) return refused("bad-time", "tst: expected epoch seconds of the fix");
  const decoded = nothing();
  addReading(decoded, "gps", { ts, lat: message["lat"], lon: message["lon"], ...detailsOf(message) }, 0);
  return decoded;
};

/** Apps leave out what they do not know, and use -1 for some of it. */
function detailsOf(message: JsonObject): JsonObject {
  const known = (name: string) => {
    const value = numberOrAbsent(message[name]);
    return value !== undefined && value >= 0 ? value : undefined;
  };
  const [kmh, percent] = [known("vel"), known("batt")];
  return present({
    accuracy: known("acc"),
    speed: kmh === undefined ? undefined : kmh / KMH_PER_METRE_PER_SECOND,
    heading: known("cog"),
    altitude: numberOrAbsent(message["alt"]),
    battery: percent === undefined ? undefined : percent / 100,
  });
}

function goneSince(message: JsonObject, receivedAt: number): StatusReport {
  const connectedAt = numberOrAbsent(message["tst"]);
  const session = connectedAt === undefined ? undefined : String(connectedAt);
  return { ts: receivedAt, state: "offline", session };
}
