import type { Frame, JournalMessage } from "../../broker/journal/journal.ts";
import type { Kind } from "../../broker/contract/readings.ts";
import { parseCompatibilityTopic, parseUplinkTopic, type TopicPurpose } from "../../broker/contract/topics.ts";
import { type Reading, createReading } from "./reading.ts";
import type { Decoded, StatusReport } from "../decoders/decoder.ts";
import { decoderFor, REMEMBERING } from "../decoders/index.ts";
import { decodeReadings } from "../decoders/native.ts";
import { normalizeEpc } from "../domain/gs1/epc.ts";
import type { QuarantineRow, RawRow } from "../stores/writes/messages.ts";
import type { RegisteredDevice, Registry } from "../stores/caches/device-registry.ts";

/** What a stretch of the journal says, in the order it was received. */
export interface DecodedBatch {
  readings: Reading[];
  quarantine: QuarantineRow[];
  raw: RawRow[];
  /** new decoder state by device */
  decoderStates: Map<string, unknown>;
}

/** Why something is in quarantine whose fault only the database, or a rule, has found. */
export const REFUSED_BY_STORE = "refused-by-store";

/** What an error says, as a text that Postgres takes. */
export function errorText(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll("\0", "\uFFFD");
}

/** A message with where it came from; stable however often it is read. */
export class JournalRecord {
  readonly message: JournalMessage;
  /** whose it is: the topic's device, else whoever sent it */
  readonly deviceId: string;
  /** the device behind that one whose readings it passes on, by its own word */
  readonly childDeviceId: string | undefined;
  /** what its topic is for; undefined: the topics of gateways that are not ours to read */
  readonly purpose: TopicPurpose["purpose"] | undefined;
  /** of which kind the readings are that its topic names */
  readonly kind: Kind | undefined;
  readonly #origin: string;
  readonly #index: number | undefined;

  /**
   * Reads the message's topic, once for all who ask.
   * @param origin the frame it came from, or another source
   * @param index its place in the frame
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

  /** Built when asked for: few messages are ever named. */
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

/** Which devices a stretch of the journal is about, so that what is known of them can be loaded. */
export function deviceIdsOf(records: readonly JournalRecord[]): Set<string> {
  const ids = new Set<string>();
  for (const { deviceId, childDeviceId } of records) {
    ids.add(deviceId);
    if (childDeviceId !== undefined) ids.add(childDeviceId);
  }
  return ids;
}

/**
 * Turns messages into readings. Nothing is dropped: what cannot be read goes to quarantine with its reason.
 * @param rejectedMessages messages the database refuses, with its words, by source: these go to quarantine as they are
 */
export function decode(
  records: readonly JournalRecord[],
  registry: Registry,
  decoderState: (deviceId: string) => unknown,
  rejectedMessages?: ReadonlyMap<string, string>,
): DecodedBatch {
  const batch: DecodedBatch = { readings: [], quarantine: [], raw: [], decoderStates: new Map() };
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

/** The same without knowing what decoders remember of earlier messages; undefined when one has to. */
export function decodeStateless(records: readonly JournalRecord[], registry: Registry): DecodedBatch | undefined {
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
  registry: Registry,
  decoderState: (deviceId: string) => unknown,
): void {
  const { message, purpose, kind } = record;
  if (kind !== undefined) {
    addDecoded(batch, record, device, decodeReadings(kind, message.payload));
    return;
  }
  const isNative = purpose === "status";
  if (!isNative) batch.raw.push(rawRow(message, record.source, device.id));
  if (purpose === "command-ack") return;
  const decoder = decoderFor(isNative ? "native" : device.decoder);
  if (decoder === undefined) {
    const detail = `no decoder is named ${device.decoder}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "unknown-decoder", detail }));
    return;
  }
  const { topic, payload, receivedAt } = message;
  const state = REMEMBERING.has(device.decoder)
    ? (batch.decoderStates.get(device.id) ?? decoderState(device.id))
    : undefined;
  let decoded: Decoded;
  try {
    decoded = decoder({ topic, payload, receivedAt, deviceId: device.id, state });
  } catch (error) {
    // A fault of ours, and no reason that its neighbours should wait until it is mended.
    const detail = `the decoder failed: ${errorText(error)}`;
    batch.quarantine.push(quarantineRow(record, { index: 0, reason: "decoder-failed", detail }));
    return;
  }
  if (decoded.state !== undefined) batch.decoderStates.set(device.id, decoded.state);
  addDecoded(batch, record, measuringDevice(record, device, registry), decoded);
}

/** What a gateway passes on is of the device behind it, where that one is registered to speak so. */
function measuringDevice(
  { childDeviceId }: JournalRecord,
  gateway: RegisteredDevice,
  { devices }: Registry,
): RegisteredDevice {
  const device = childDeviceId === undefined ? undefined : devices.get(childDeviceId);
  return device?.decoder === gateway.decoder ? device : gateway;
}

function addDecoded(batch: DecodedBatch, record: JournalRecord, { id }: RegisteredDevice, decoded: Decoded): void {
  const { payload, receivedAt } = record.message;
  // Numbered by themselves: a format may find two faults in one element.
  decoded.rejections.forEach(({ index, ...rejection }, number) => {
    const row = quarantineRow(record, { index: number, ...rejection });
    batch.quarantine.push({ ...row, payload: elementAt(payload, index) });
  });
  if (decoded.status) {
    const status = withSequence(decoded.status, receivedAt, record.source);
    batch.readings.push(createReading("status", status, id, record, 0));
  }
  for (let index = 0; index < decoded.readings.length; index += 1) {
    const { kind, content } = decoded.readings[index]!;
    const reading = kind === "rfid" ? { ...content, epc: normalizeEpc(content.epc).hex ?? content.epc } : content;
    batch.readings.push(createReading(kind, reading, id, record, index));
  }
}

/**
 * A report without a time of its own (a will cannot have one) holds from when it was received. Two within one millisecond
 * are told apart, and put in order, by their places in the journal.
 */
function withSequence(status: StatusReport, receivedAt: number, source: string): StatusReport {
  if (status.seq !== undefined || status.ts !== receivedAt) return status;
  const [, frame, message] = source.split("/").map((part) => Number.parseInt(part, 10));
  return { ...status, seq: (frame ?? 0) * MAX_MESSAGES_PER_FRAME + (message ?? 0) };
}

/** More than any frame holds. */
const MAX_MESSAGES_PER_FRAME = 2 ** 20;

/** Of an array, only the element at fault: its neighbours were taken. */
function elementAt(payload: Buffer, index: number): Buffer {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    if (Array.isArray(value) && index < value.length) return Buffer.from(JSON.stringify(value[index]));
  } catch {
    // Not JSON: the whole message is at fault.
  }
  return payload;
}

function quarantineRow(
  { message, source, deviceId }: JournalRecord,
  { index, reason, detail }: { index: number; reason: string; detail: string },
): QuarantineRow {
  const { topic, receivedAt, payload } = message;
  return { source: `${source}/${index}`, deviceId, topic, receivedAt, reason, detail, payload };
}

function rawRow({ topic, receivedAt, payload }: JournalMessage, source: string, deviceId: string): RawRow {
  return { deviceId, receivedAt, source, topic, payload };
}
