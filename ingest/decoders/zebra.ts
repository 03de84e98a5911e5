import type { Decoded, Decoder } from "./decoder.ts";
import { finiteNumber } from "./json/finite-number.ts";
import { decodeElements, isObject, type JsonObject } from "./json/payload.ts";
import { omitMissing } from "./omit-missing.ts";
import { addReading } from "./validation/add-reading.ts";
import { ignoreUnknown } from "./validation/ignored-fields.ts";
import { parseVendorTime } from "./time/vendor-time.ts";

/**
 * Zebra IoT Connector. Fixed readers (FX, ATR) send `data` with one tag, `idHex`, `peakRssi`, `antenna`, `reads`;
 * handhelds (RFD40, RFD90) send `data.tagData[]`. The vendor documents nearly every field as optional, so only the EPC is
 * required. RSSI is in dBm.
 */
export const decodeZebra: Decoder = (input) =>
  decodeElements(input.payload, "events", (decoded, event, index) => addEvent(decoded, event, index, input.receivedAt));

const NAMES = {
  epc: ["idHex", "epcHex", "EPC", "epc", "EPCId", "epcId", "tagID", "id"],
  antenna: ["antenna", "antennaId", "antennaID"],
  rssi: ["peakRssi", "peakRSSI", "rssi", "RSSI"],
  count: ["reads", "seenCount", "tagSeenCount", "count"],
  time: ["lastSeenTimestamp", "timestamp", "timeStamp", "firstSeenTimestamp"],
} as const;

/** Fields of a tag that no reading has. */
const UNUSED =
  "format eventNum hostName channel phase pc xpc crc tid TID user userMemory accessResults reader userDefined frequency";
const TAG_FIELDS: ReadonlySet<string> = new Set([...Object.values(NAMES).flat(), ...UNUSED.split(" ")]);

const first = (tag: JsonObject, names: readonly string[]): unknown =>
  tag[names.find((name) => tag[name] !== undefined) ?? ""];

function addEvent(decoded: Decoded, event: unknown, index: number, receivedAt: number): void {
  if (!isObject(event) || !isObject(event["data"])) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: "data: expected an object" });
    return;
  }
  const { data } = event;
  const list = data["tagData"] ?? data["tags"];
  const tags: unknown[] = Array.isArray(list) ? list : [data];
  for (const tag of tags) addTag(decoded, tag, event, { index, receivedAt });
}

function addTag(decoded: Decoded, tag: unknown, event: JsonObject, at: { index: number; receivedAt: number }): void {
  const epc = isObject(tag) ? first(tag, NAMES.epc) : undefined;
  if (!isObject(tag) || typeof epc !== "string") {
    decoded.rejections.push({ index: at.index, reason: "not-a-reading", detail: "idHex: expected the EPC of the tag" });
    return;
  }
  const stated = first(tag, NAMES.time) ?? event["timestamp"];
  const ts = stated === undefined ? at.receivedAt : parseVendorTime(stated);
  if (ts === undefined) {
    decoded.rejections.push({
      index: at.index,
      reason: "bad-time",
      detail: "timestamp: expected ISO 8601 with offset",
    });
    return;
  }
  ignoreUnknown(decoded, "rfid", tag, TAG_FIELDS);
  const count = finiteNumber(first(tag, NAMES.count));
  const candidate = omitMissing({
    ts,
    epc: /^[0-9a-f]+$/i.test(epc) ? epc.toUpperCase() : epc,
    antenna: finiteNumber(first(tag, NAMES.antenna)),
    rssi: finiteNumber(first(tag, NAMES.rssi)),
    count: count !== undefined && count >= 1 ? count : undefined,
  });
  addReading(decoded, "rfid", candidate, at.index);
}
