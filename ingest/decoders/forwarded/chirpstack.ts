import type { Decoded, Decoder } from "../decoder.ts";
import { isObject, type JsonObject } from "../json/payload.ts";
import { finiteNumber } from "../json/finite-number.ts";
import { omitMissing } from "../omit-missing.ts";
import { parseVendorTime } from "../time/vendor-time.ts";
import { addReading } from "../validation/add-reading.ts";
import { ignoreField } from "../validation/ignored-fields.ts";
import { decodeForwarded, euiNames } from "./forwarded.ts";
import type { PayloadFields } from "../../domain/payload-fields.ts";
import { addUplink } from "./uplink.ts";

const TOPIC = /^application\/[^/]+\/device\/[^/]+\/event\/([^/]+)$/;

/** Fields of the events of ChirpStack 4 (integration.proto) beside those that are read; they are about the radio. */
const KNOWN = new Set(
  (
    "deduplicationId time deviceInfo devAddr adr dr fCnt fPort confirmed data object rxInfo txInfo relayRxInfo " +
    "joinServerContext regionConfigId margin externalPowerSource batteryLevelUnavailable batteryLevel location " +
    "queueItemId acknowledged fCntDown downlinkId gatewayId level code description context integrationName eventType"
  ).split(" "),
);

/**
 * Events of ChirpStack 4 as JSON: over MQTT on `application/{id}/device/{devEui}/event/{event}`, or by its HTTP integration,
 * whose body does not say which event it is. `up` carries the payload as the codec of its device profile has decoded it,
 * `status` the battery, `location` a position that was computed. The other events carry no reading.
 */
export const decodeChirpStack: Decoder = ({ topic, payload, receivedAt, payloadFieldsOf }) => {
  const stated = TOPIC.exec(topic)?.[1];
  return decodeForwarded(payload, "events", (event, decoded, index) => {
    const info = isObject(event["deviceInfo"]) ? event["deviceInfo"] : {};
    const ids = euiNames(info["devEui"]);
    for (const [name, value] of Object.entries(event)) {
      if (value !== null && !KNOWN.has(name)) ignoreField(decoded, undefined, name);
    }
    const ts = event["time"] === undefined ? receivedAt : parseVendorTime(event["time"]);
    if (ts === undefined) {
      decoded.rejections.push({ index, reason: "bad-time", detail: "time: expected ISO 8601 with offset" });
    } else addEvent(decoded, { name: stated ?? eventOf(event), event, ts, fields: payloadFieldsOf?.(ids) }, index);
    return ids;
  });
};

interface Event {
  name: string;
  event: JsonObject;
  ts: number;
  fields: PayloadFields | undefined;
}

function addEvent(decoded: Decoded, { name, event, ts, fields }: Event, index: number): void {
  if (name === "up") return addUp(decoded, event, { ts, fields }, index);
  if (name === "status") return addStatus(decoded, event, ts, index);
  if (name === "location") return addLocation(decoded, event["location"], ts, index);
  if (name === "join") {
    const session = event["devAddr"];
    decoded.statuses = [{ ts, state: "online", session: typeof session === "string" ? session : undefined }];
    return;
  }
  decoded.warnings.push(`${name.slice(0, 32)}: this event carries no reading`);
}

function addUp(
  decoded: Decoded,
  event: JsonObject,
  { ts, fields }: { ts: number; fields: PayloadFields | undefined },
  index: number,
): void {
  const { object } = event;
  if (isObject(object) && Object.keys(object).length > 0) {
    return addUplink(decoded, { ts, payload: object, fields }, index);
  }
  if (typeof event["data"] !== "string" || event["data"] === "") {
    decoded.warnings.push("up: the uplink has no payload");
    return;
  }
  const detail =
    "object: missing. ChirpStack has not decoded the payload: give the device profile there a codec, and send it again";
  decoded.rejections.push({ index, reason: "unsupported", detail });
}

/** The battery in percent; 0 and fields that are not set are left out by ChirpStack. */
function addStatus(decoded: Decoded, event: JsonObject, ts: number, index: number): void {
  const percent = finiteNumber(event["batteryLevel"]);
  if (percent === undefined || percent < 0 || event["batteryLevelUnavailable"] === true) {
    decoded.warnings.push("status: it tells no battery level");
  } else addReading(decoded, "env", { ts, battery: percent / 100 }, index);
}

function addLocation(decoded: Decoded, location: unknown, ts: number, index: number): void {
  const { latitude, longitude, altitude, accuracy } = isObject(location) ? location : {};
  // JSON of protobuf leaves zeros out, so a place on the equator has no latitude.
  const position = isObject(location) ? { lat: latitude ?? 0, lon: longitude ?? 0 } : {};
  const known = finiteNumber(accuracy);
  addReading(
    decoded,
    "gps",
    omitMissing({ ts, ...position, altitude, accuracy: known === 0 ? undefined : known }),
    index,
  );
}

/** Which event a body is that came without a topic, by the fields that only it has. */
function eventOf(event: JsonObject): string {
  const has = (...names: string[]) => names.some((name) => event[name] !== undefined);
  if (has("integrationName")) return "integration";
  if (has("acknowledged")) return "ack";
  if (has("downlinkId", "queueItemId")) return "txack";
  if (has("rxInfo", "object", "data", "fPort")) return "up";
  if (has("margin", "batteryLevel", "batteryLevelUnavailable", "externalPowerSource")) return "status";
  if (has("location")) return "location";
  if (has("description", "code", "level")) return "log";
  return has("devAddr") ? "join" : "unknown event";
}
