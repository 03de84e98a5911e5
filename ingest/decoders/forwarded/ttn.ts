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

const KNOWN = new Set("end_device_ids correlation_ids received_at simulated uplink_message".split(" "));
/** Fields of an uplink beside those that are read; they are about the radio. */
const KNOWN_OF_UPLINK = new Set(
  (
    "session_key_id f_port f_cnt frm_payload decoded_payload decoded_payload_warnings normalized_payload " +
    "normalized_payload_warnings rx_metadata settings received_at app_s_key last_a_f_cnt_down confirmed consumed_airtime " +
    "locations version_ids network_ids attributes last_battery_percentage packet_error_rate"
  ).split(" "),
);

/**
 * Messages of The Things Stack v3 as JSON, over MQTT on `v3/{application}@{tenant}/devices/{device_id}/up` or by a webhook.
 * `uplink_message` carries the payload as a formatter there has decoded it, or normalized it; `location_solved` a position
 * that was computed. The other messages carry no reading.
 */
export const decodeTtn: Decoder = ({ payload, receivedAt, payloadFieldsOf }) =>
  decodeForwarded(payload, "messages", (message, decoded, index) => {
    const named = isObject(message["end_device_ids"]) ? message["end_device_ids"] : {};
    const ids = [
      ...(typeof named["device_id"] === "string" && named["device_id"] !== "" ? [named["device_id"]] : []),
      ...euiNames(named["dev_eui"]),
    ];
    const uplink = message["uplink_message"];
    const [carried = "", content] = Object.entries(message).find(([name]) => !KNOWN.has(name)) ?? [];
    const time = (isObject(uplink) ? uplink["received_at"] : undefined) ?? message["received_at"];
    const ts = time === undefined ? receivedAt : parseVendorTime(time);
    if (ts === undefined) {
      decoded.rejections.push({ index, reason: "bad-time", detail: "received_at: expected ISO 8601 with offset" });
    } else if (isObject(uplink)) addUp(decoded, uplink, { ts, fields: payloadFieldsOf?.(ids) }, index);
    else if (carried === "location_solved") addSolved(decoded, content, ts, index);
    else if (carried === "join_accept") {
      const address = named["dev_addr"];
      decoded.statuses = [{ ts, state: "online", session: typeof address === "string" ? address : undefined }];
    } else if (/^(?:downlink_|service_data|uplink_normalized)/.test(carried)) {
      decoded.warnings.push(`${carried.slice(0, 32)}: this message carries no reading`);
    } else {
      decoded.rejections.push({ index, reason: "not-a-reading", detail: "uplink_message: expected an object" });
    }
    if (message["simulated"] === true) decoded.warnings.push("the uplink was simulated in the console");
    return ids;
  });

function addUp(
  decoded: Decoded,
  uplink: JsonObject,
  { ts, fields }: { ts: number; fields: PayloadFields | undefined },
  index: number,
): void {
  for (const [name, value] of Object.entries(uplink)) {
    if (value !== null && !KNOWN_OF_UPLINK.has(name)) ignoreField(decoded, undefined, name);
  }
  const payload = payloadOf(uplink);
  const known = decoded.readings.length;
  if (payload !== undefined) addUplink(decoded, { ts, payload, fields }, index);
  const isPlaced = decoded.readings.slice(known).some(({ kind }) => kind === "gps");
  const position = isPlaced ? undefined : measuredLocation(uplink["locations"]);
  if (position) addPosition(decoded, position, ts, index);
  else if (payload === undefined) addNoPayload(decoded, uplink, index);
}

function addNoPayload(decoded: Decoded, uplink: JsonObject, index: number): void {
  if (typeof uplink["frm_payload"] !== "string" || uplink["frm_payload"] === "") {
    decoded.warnings.push("uplink_message: the uplink has no payload");
    return;
  }
  const detail =
    "decoded_payload: missing. The Things Stack has not decoded the payload: give the device there a payload formatter, and send it again";
  decoded.rejections.push({ index, reason: "unsupported", detail });
}

/** What a formatter made of the payload, else what was normalized of it; undefined: nothing. */
function payloadOf({ decoded_payload: own, normalized_payload: normalized }: JsonObject): unknown {
  if (isObject(own) && Object.keys(own).length > 0) return own;
  if (Array.isArray(normalized)) return normalized.length > 0 ? (normalized[0] as unknown) : undefined;
  return isObject(normalized) && Object.keys(normalized).length > 0 ? normalized : undefined;
}

/** The position that the device itself has sent. `user` is where a person has placed it on the map: no measurement. */
function measuredLocation(locations: unknown): JsonObject | undefined {
  if (!isObject(locations)) return undefined;
  return Object.values(locations)
    .filter(isObject)
    .find(({ source }) => source === "SOURCE_GPS");
}

function addSolved(decoded: Decoded, solved: unknown, ts: number, index: number): void {
  const location = isObject(solved) ? solved["location"] : undefined;
  if (isObject(location)) return addPosition(decoded, location, ts, index);
  decoded.rejections.push({ index, reason: "not-a-reading", detail: "location_solved.location: expected an object" });
}

/** The Things Stack leaves zeros out: a place on the equator has no latitude. */
function addPosition(decoded: Decoded, location: JsonObject, ts: number, index: number): void {
  const { latitude = 0, longitude = 0, altitude } = location;
  const accuracy = finiteNumber(location["accuracy"]);
  addReading(
    decoded,
    "gps",
    omitMissing({ ts, lat: latitude, lon: longitude, altitude, accuracy: accuracy === 0 ? undefined : accuracy }),
    index,
  );
}
