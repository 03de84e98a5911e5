import { hexOfEpcText } from "../domain/gs1/epc-text.ts";
import type { Decoded, Decoder } from "./decoder.ts";
import { finiteNumber } from "./json/finite-number.ts";
import { decodeElements, isObject, type JsonObject } from "./json/payload.ts";
import { addReading } from "./validation/add-reading.ts";
import { ignoreUnknown } from "./validation/ignored-fields.ts";
import { parseVendorTime } from "./time/vendor-time.ts";

/**
 * Impinj R700 and later: IoT device interface, event stream over MQTT or HTTP. Every field but the EPC is optional.
 * `epc` is base64, `epcHex` is hex, RSSI is in hundredths of dBm.
 */
export const decodeImpinj: Decoder = (input) =>
  decodeElements(input.payload, "events", (decoded, event, index) => addEvent(decoded, event, index, input.receivedAt));

function addEvent(decoded: Decoded, event: unknown, index: number, receivedAt: number): void {
  if (!isObject(event)) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: "expected an event object" });
    return;
  }
  const tag = event["tagInventoryEvent"];
  if (!isObject(tag)) {
    const type = event["eventType"];
    if (typeof type === "string" && tag === undefined)
      decoded.warnings.push(`event ${index}: ${type.slice(0, 64)}: carries no tag`);
    else decoded.rejections.push({ index, reason: "not-a-reading", detail: "tagInventoryEvent: expected an object" });
    return;
  }
  const { epc, ts } = { epc: epcOf(tag), ts: timeOf(tag, event, receivedAt) };
  if (epc === undefined || ts === undefined) {
    const detail = epc === undefined ? "epcHex or epc: expected the EPC of the tag" : "timestamp: not a time";
    decoded.rejections.push({ index, reason: epc === undefined ? "not-a-reading" : "bad-time", detail });
    return;
  }
  ignoreUnknown(decoded, "rfid", tag, TAG_FIELDS);
  const centiDbm = finiteNumber(tag["peakRssiCdbm"]);
  const rssi = centiDbm === undefined ? {} : { rssi: centiDbm / 100 };
  const antenna = tag["antennaPort"] === undefined ? {} : { antenna: tag["antennaPort"] };
  addReading(decoded, "rfid", { ts, epc, ...antenna, ...rssi }, index);
}

/** Fields of a tag inventory event; those that no reading has are left out. */
const TAG_FIELDS = new Set(
  (
    "epc epcHex tid tidHex pc xpcW1Hex antennaPort antennaName peakRssiCdbm frequency phaseAngle transmitPowerCdbm " +
    "lastSeenTime firstSeenTime userMemory userMemoryHex fastId tagReads"
  ).split(" "),
);

function epcOf({ epcHex, epc }: JsonObject): string | undefined {
  if (typeof epcHex === "string" && epcHex !== "") return epcHex.toUpperCase();
  return typeof epc === "string" && epc !== "" ? (hexOfBase64(epc) ?? epc) : undefined;
}

/** By its name this field is base64, even if its text is also valid hex. */
function hexOfBase64(epc: string): string | undefined {
  const bytes = Buffer.from(epc, "base64");
  return bytes.length > 0 && bytes.toString("base64") === epc ? bytes.toString("hex").toUpperCase() : hexOfEpcText(epc);
}

/** The time the tag was last seen, else the time of the event, else the time of receipt. */
function timeOf(tag: JsonObject, event: JsonObject, receivedAt: number): number | undefined {
  const stated = tag["lastSeenTime"] ?? event["timestamp"];
  return stated === undefined ? receivedAt : parseVendorTime(stated);
}
