import type { JournalMessage } from "../../broker/journal/journal.ts";
import { type Reading, createReading } from "./reading.ts";
import type { JournalRecord } from "./records/journal-record.ts";
import type { Decoded, Reply, StatusReport } from "../decoders/decoder.ts";
import type { IgnoredField } from "../domain/ignored-field.ts";
import { decoderFor, STATEFUL_DECODERS } from "../decoders/index.ts";
import { forwardedDevice } from "../decoders/forwarded/owner.ts";
import { decodeAcks } from "../decoders/command-ack.ts";
import { decodeReadings } from "../decoders/native.ts";
import { normalizeEpc } from "../domain/gs1/epc.ts";
import type { QuarantineRow } from "../stores/writes/quarantine.ts";
import type { RawMessageRow } from "../stores/writes/raw-messages.ts";
import type { RegisteredDevice, DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The decoded contents of a batch of the journal, in the order of receipt. */
export interface DecodedBatch {
  readings: Reading[];
  quarantine: QuarantineRow[];
  raw: RawMessageRow[];
  /** new decoder state by device */
  decoderStates: Map<string, unknown>;
  /** fields that decoders did not use, message by message */
  ignored: { deviceId: string; fields: readonly IgnoredField[] }[];
  /** messages to devices in their own protocols */
  replies: (Reply & { deviceId: string })[];
  /** the devices that servers have named in what they forward, registered or not */
  forwardedFor: Set<string>;
}

/** The quarantine reason of a message or reading that decoded well, and that the database or a rule then refused. */
export const REFUSED_BY_STORE = "refused-by-store";

/** The message of an error, as text that Postgres accepts (no U+0000). */
export function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll("\0", "\uFFFD");
}

/**
 * Turns messages into readings. Nothing is dropped: what cannot be decoded goes to quarantine with its reason.
 * @param rejectedMessages messages that the database refuses, source → its error text: these go to quarantine undecoded
 */
export function decode(
  records: readonly JournalRecord[],
  registry: DeviceRegistry,
  decoderState: (deviceId: string) => unknown,
  rejectedMessages?: ReadonlyMap<string, string>,
): DecodedBatch {
  const batch: DecodedBatch = {
    readings: [],
    quarantine: [],
    raw: [],
    decoderStates: new Map(),
    ignored: [],
    replies: [],
    forwardedFor: new Set(),
  };
  for (const record of records) {
    const rejection = rejectedMessages?.get(record.source);
    if (rejection !== undefined) {
      batch.quarantine.push(quarantineRow(record, { index: 0, reason: REFUSED_BY_STORE, detail: rejection }));
      continue;
    }
    const device = registry.devices.get(record.deviceId);
    if (device === undefined && record.forwarder === undefined) {
      const detail = `no device ${record.deviceId} is registered`;
      batch.quarantine.push(quarantineRow(record, { index: 0, reason: "unknown-device", detail }));
    } else {
      decodeMessage(batch, record, device, registry, decoderState);
    }
  }
  return batch;
}

/** Decodes without the state that decoders keep between messages; undefined when a record needs that state. */
export function decodeStateless(records: readonly JournalRecord[], registry: DeviceRegistry): DecodedBatch | undefined {
  let stateRequired = false;
  const batch = decode(records, registry, () => {
    stateRequired = true;
    return undefined;
  });
  return stateRequired ? undefined : batch;
}

function decodeMessage(
  batch: DecodedBatch,
  record: JournalRecord,
  device: RegisteredDevice | undefined,
  registry: DeviceRegistry,
  decoderState: (deviceId: string) => unknown,
): void {
  const { message, purpose, kind, forwarder } = record;
  if (forwarder !== undefined || device === undefined) {
    // Whoever sent it, its topic tells the format.
    if (device) batch.raw.push(rawRow(message, record.source, device.id));
    decodeWith(batch, record, { name: forwarder ?? "", device, registry, state: undefined });
    return;
  }
  if (kind !== undefined) {
    addDecoded(batch, record, device.id, decodeReadings(kind, message.payload));
    return;
  }
  const isNative = purpose === "status";
  if (!isNative) batch.raw.push(rawRow(message, record.source, device.id));
  if (purpose === "command-ack") {
    addDecoded(batch, record, device.id, decodeAcks(message.payload));
    return;
  }
  const state = STATEFUL_DECODERS.has(device.decoder)
    ? (batch.decoderStates.get(device.id) ?? decoderState(device.id))
    : undefined;
  decodeWith(batch, record, { name: isNative ? "native" : device.decoder, device, registry, state });
}

interface Decoding {
  /** of the decoder */
  name: string;
  /** the registered device that sent the message; undefined: it came from an external broker */
  device: RegisteredDevice | undefined;
  registry: DeviceRegistry;
  state: unknown;
}

function decodeWith(batch: DecodedBatch, record: JournalRecord, { name, device, registry, state }: Decoding): void {
  const decoder = decoderFor(name);
  if (decoder === undefined) {
    const detail = `no decoder is named ${name}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "unknown-decoder", detail }));
    return;
  }
  const { topic, payload, receivedAt } = record.message;
  const sender = device?.decoder === name ? device : undefined;
  const ownerOf = (ids: readonly string[]) =>
    forwardedDevice(ids, { sender, decoder: name }, (id) => registry.devices.get(id));
  const payloadFieldsOf = (ids: readonly string[]) => {
    const owner = ownerOf(ids);
    return typeof owner === "string" ? undefined : owner.payloadFields;
  };
  let decoded: Decoded;
  try {
    decoded = decoder({ topic, payload, receivedAt, deviceId: record.deviceId, state, payloadFieldsOf });
  } catch (error) {
    // A bug of the decoder: the message goes to quarantine, and the others of its batch go on.
    const detail = `the decoder failed: ${errorText(error)}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "decoder-failed", detail }));
    return;
  }
  if (device && decoded.state !== undefined) batch.decoderStates.set(device.id, decoded.state);
  if (device && decoded.reply) batch.replies.push({ ...decoded.reply, deviceId: device.id });
  const added = addDecoded(
    batch,
    record,
    device ? measuringDevice(record, device, registry).id : record.deviceId,
    decoded,
  );
  let isKept = false;
  for (const { ids, decoded: own, part } of decoded.forwarded ?? []) {
    for (const id of ids) batch.forwardedFor.add(id);
    const owner = ownerOf(ids);
    if (typeof owner === "string") {
      const row = quarantineRow(record, { index: added.rejections, reason: "unknown-device", detail: owner });
      batch.quarantine.push(part === undefined ? row : { ...row, payload: Buffer.from(part) });
      added.rejections += 1;
      continue;
    }
    // A message of an external broker is kept with the first device that it is about.
    if (device === undefined && !isKept) batch.raw.push(rawRow(record.message, record.source, owner.id));
    isKept = true;
    addDecoded(batch, record, owner.id, own, added, part);
  }
}

/** Forwarded readings belong to the child device when it is registered with the same decoder, else to the gateway. */
function measuringDevice(
  { childDeviceId }: JournalRecord,
  gateway: RegisteredDevice,
  { devices }: DeviceRegistry,
): RegisteredDevice {
  const device = childDeviceId === undefined ? undefined : devices.get(childDeviceId);
  return device?.decoder === gateway.decoder ? device : gateway;
}

/**
 * @param added how much of the message has been added before; it is counted on
 * @param part the text of the part of the message that was decoded; undefined: all of it
 */
function addDecoded(
  batch: DecodedBatch,
  record: JournalRecord,
  id: string,
  decoded: Decoded,
  added = { readings: 0, rejections: 0 },
  part?: string,
): { readings: number; rejections: number } {
  const { receivedAt } = record.message;
  if (decoded.ignored) batch.ignored.push({ deviceId: id, fields: decoded.ignored });
  // Rejections have numbers of their own: a decoder may find two faults in one element.
  for (const { reason, detail, part: own = part } of decoded.rejections) {
    const row = quarantineRow(record, { index: added.rejections, reason, detail });
    added.rejections += 1;
    batch.quarantine.push(own === undefined ? row : { ...row, payload: Buffer.from(own) });
  }
  const { statuses = [] } = decoded;
  // Numbers of their own, after those of the readings: what is set aside is known by its number in the message.
  const firstStatus = added.readings + decoded.readings.length;
  for (const [index, report] of statuses.entries()) {
    const status = withSequence(report, receivedAt, record.source);
    batch.readings.push(createReading("status", status, id, record, firstStatus + index));
  }
  for (const { kind, content, timeCorrected } of decoded.readings) {
    const reading = kind === "rfid" ? { ...content, epc: normalizeEpc(content.epc).hex ?? content.epc } : content;
    const created = createReading(kind, reading, id, record, added.readings);
    added.readings += 1;
    if (timeCorrected) created.timeCorrected = true;
    batch.readings.push(created);
  }
  added.readings += statuses.length;
  return added;
}

/**
 * A report without a time of its own (a will cannot carry one) has the time of its receipt. The position in the journal
 * becomes its counter, which orders two reports of one millisecond.
 */
function withSequence(status: StatusReport, receivedAt: number, source: string): StatusReport {
  if (status.seq !== undefined || status.ts !== receivedAt) return status;
  const [, frame, position] = source.split("/").map((part) => Number.parseInt(part, 10));
  return { ...status, seq: (frame ?? 0) * MAX_MESSAGES_PER_FRAME + (position ?? 0) };
}

/** More than any frame holds. */
const MAX_MESSAGES_PER_FRAME = 2 ** 20;

function quarantineRow(
  { message, source, deviceId }: JournalRecord,
  { index, reason, detail }: { index: number; reason: string; detail: string },
): QuarantineRow {
  const { topic, receivedAt, payload } = message;
  return { source: `${source}/${index}`, deviceId, topic, receivedAt, reason, detail, payload };
}

function rawRow({ topic, receivedAt, payload }: JournalMessage, source: string, deviceId: string): RawMessageRow {
  return { deviceId, receivedAt, source, topic, payload };
}
