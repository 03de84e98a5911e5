import type { Frame, JournalMessage } from "../../broker/journal/journal.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import { parseCompatibilityTopic, parseUplinkTopic, type TopicPurpose } from "../../broker/contract/topics.ts";
import { type Reading, createReading } from "./reading.ts";
import type { Decoded, Reply, StatusReport } from "../decoders/decoder.ts";
import type { IgnoredField } from "../domain/ignored-field.ts";
import { decoderFor, STATEFUL_DECODERS } from "../decoders/index.ts";
import { problemOfAck } from "../decoders/command-ack.ts";
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
}

/** The quarantine reason of a message or reading that decoded well, and that the database or a rule then refused. */
export const REFUSED_BY_STORE = "refused-by-store";

/** The message of an error, as text that Postgres accepts (no U+0000). */
export function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll("\0", "\uFFFD");
}

/** One journaled message with its source, which is the same however often it is read. */
export class JournalRecord {
  readonly message: JournalMessage;
  /** the device its topic names, else the client that sent it */
  readonly deviceId: string;
  /** the device whose readings a gateway forwards, as the topic claims */
  readonly childDeviceId: string | undefined;
  /** the purpose of its topic; undefined for topics in the format of a gateway */
  readonly purpose: TopicPurpose["purpose"] | undefined;
  /** the kind of readings, when its topic names one */
  readonly kind: Kind | undefined;
  readonly #origin: string;
  readonly #index: number | undefined;

  /**
   * Parses the message's topic.
   * @param origin the frame it came from (journal id and sequence), or another source
   * @param index its position in the frame
   */
  constructor(message: JournalMessage, origin: string, index?: number) {
    const uplink = parseUplinkTopic(message.topic);
    this.message = message;
    this.deviceId = uplink?.deviceId ?? message.clientId;
    this.childDeviceId = uplink ? undefined : parseCompatibilityTopic(message.topic)?.childDeviceId;
    this.purpose = uplink?.purpose;
    this.kind = uplink?.purpose === "readings" ? uplink.kind : undefined;
    this.#origin = origin;
    this.#index = index;
  }

  /** Journal id, frame and position. Built on demand: it is needed for few messages. */
  get source(): string {
    return this.#index === undefined ? this.#origin : `${this.#origin}/${this.#index}`;
  }
}

export function journalRecords(journalId: string, frames: readonly Frame[]): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const { sequence, messages } of frames) {
    const origin = `${journalId}/${sequence}`;
    for (let index = 0; index < messages.length; index += 1) {
      records.push(new JournalRecord(messages[index]!, origin, index));
    }
  }
  return records;
}

/** The devices of these records: their states have to be loaded. */
export function deviceIdsOf(records: readonly JournalRecord[]): Set<string> {
  const ids = new Set<string>();
  for (const { deviceId, childDeviceId } of records) {
    ids.add(deviceId);
    if (childDeviceId !== undefined) ids.add(childDeviceId);
  }
  return ids;
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
  };
  for (const record of records) {
    const rejection = rejectedMessages?.get(record.source);
    if (rejection !== undefined) {
      batch.quarantine.push(quarantineRow(record, { index: 0, reason: REFUSED_BY_STORE, detail: rejection }));
      continue;
    }
    const device = registry.devices.get(record.deviceId);
    if (device === undefined) {
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
  device: RegisteredDevice,
  registry: DeviceRegistry,
  decoderState: (deviceId: string) => unknown,
): void {
  const { message, purpose, kind } = record;
  if (kind !== undefined) {
    addDecoded(batch, record, device, decodeReadings(kind, message.payload));
    return;
  }
  const isNative = purpose === "status";
  if (!isNative) batch.raw.push(rawRow(message, record.source, device.id));
  if (purpose === "command-ack") {
    const rejection = problemOfAck(message.payload);
    if (rejection) batch.quarantine.push(quarantineRow(record, { index: 0, ...rejection }));
    return;
  }
  const decoder = decoderFor(isNative ? "native" : device.decoder);
  if (decoder === undefined) {
    const detail = `no decoder is named ${device.decoder}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "unknown-decoder", detail }));
    return;
  }
  const { topic, payload, receivedAt } = message;
  const state = STATEFUL_DECODERS.has(device.decoder)
    ? (batch.decoderStates.get(device.id) ?? decoderState(device.id))
    : undefined;
  let decoded: Decoded;
  try {
    decoded = decoder({ topic, payload, receivedAt, deviceId: device.id, state });
  } catch (error) {
    // A bug of the decoder: the message goes to quarantine, and the others of its batch go on.
    const detail = `the decoder failed: ${errorText(error)}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "decoder-failed", detail }));
    return;
  }
  if (decoded.state !== undefined) batch.decoderStates.set(device.id, decoded.state);
  if (decoded.reply) batch.replies.push({ ...decoded.reply, deviceId: device.id });
  addDecoded(batch, record, measuringDevice(record, device, registry), decoded);
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

function addDecoded(batch: DecodedBatch, record: JournalRecord, { id }: RegisteredDevice, decoded: Decoded): void {
  const { receivedAt } = record.message;
  if (decoded.ignored) batch.ignored.push({ deviceId: id, fields: decoded.ignored });
  // Rejections have numbers of their own: a decoder may find two faults in one element.
  decoded.rejections.forEach(({ reason, detail, part }, number) => {
    const row = quarantineRow(record, { index: number, reason, detail });
    batch.quarantine.push(part === undefined ? row : { ...row, payload: Buffer.from(part) });
  });
  if (decoded.status) {
    const status = withSequence(decoded.status, receivedAt, record.source);
    batch.readings.push(createReading("status", status, id, record, 0));
  }
  for (let index = 0; index < decoded.readings.length; index += 1) {
    const { kind, content, timeCorrected } = decoded.readings[index]!;
    const reading = kind === "rfid" ? { ...content, epc: normalizeEpc(content.epc).hex ?? content.epc } : content;
    const created = createReading(kind, reading, id, record, index);
    if (timeCorrected) created.timeCorrected = true;
    batch.readings.push(created);
  }
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
