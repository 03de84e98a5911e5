import type { Frame, JournalMessage } from "../broker/journal/journal.ts";
import { parseUplinkTopic, type TopicPurpose } from "../broker/contract/topics.ts";
import { type Arrival, arrivalOf } from "./arrival.ts";
import type { StatusReport } from "./decoders/decoder.ts";
import { decoderFor } from "./decoders/index.ts";
import { normalizeEpc } from "./domain/gs1/epc.ts";
import type { QuarantineRow, RawRow } from "./stores/parts/messages.ts";
import type { RegisteredDevice, Registry } from "./stores/registry.ts";

/** What a stretch of the journal says, in the order it was received. */
export interface DecodedBatch {
  arrivals: Arrival[];
  quarantine: QuarantineRow[];
  raw: RawRow[];
  /** new decoder state by device */
  decoderStates: Map<string, unknown>;
}

/** Where a message came from; stable however often it is read. */
export interface Sourced {
  message: JournalMessage;
  source: string;
  /** what its topic is for; undefined: the topics of gateways that are not ours to read */
  purpose: TopicPurpose["purpose"] | undefined;
  /** whose it is: the topic's device, else whoever sent it */
  deviceId: string;
}

/** Reads a message's topic, once for all who ask. */
export function sourced(message: JournalMessage, source: string): Sourced {
  const uplink = parseUplinkTopic(message.topic);
  return { message, source, purpose: uplink?.purpose, deviceId: uplink?.deviceId ?? message.clientId };
}

export function sourcesOf(journalId: string, frames: readonly Frame[]): Sourced[] {
  return frames.flatMap(({ sequence, messages }) =>
    messages.map((message, index) => sourced(message, `${journalId}/${sequence}/${index}`)),
  );
}

/** Which devices a stretch of the journal is about, so that what is known of them can be loaded. */
export function deviceIdsOf(messages: readonly Sourced[]): Set<string> {
  const ids = new Set<string>();
  for (const { deviceId } of messages) ids.add(deviceId);
  return ids;
}

/** Turns messages into readings. Nothing is dropped: what cannot be read goes to quarantine with its reason. */
export function decode(
  messages: readonly Sourced[],
  registry: Registry,
  decoderState: (deviceId: string) => unknown,
): DecodedBatch {
  const batch: DecodedBatch = { arrivals: [], quarantine: [], raw: [], decoderStates: new Map() };
  for (const sourced of messages) {
    const device = registry.devices.get(sourced.deviceId);
    if (device === undefined) {
      const detail = `no device ${sourced.deviceId} is registered`;
      batch.quarantine.push(quarantineRow(sourced, { index: 0, reason: "unknown-device", detail }));
    } else {
      decodeMessage(batch, sourced, device, decoderState);
    }
  }
  return batch;
}

function decodeMessage(
  batch: DecodedBatch,
  sourced: Sourced,
  device: RegisteredDevice,
  decoderState: (deviceId: string) => unknown,
): void {
  const { message, source, purpose } = sourced;
  const isNative = purpose === "readings" || purpose === "status";
  if (!isNative) batch.raw.push(rawRow(message, source, device.id));
  if (purpose === "command-ack") return;
  const decoder = decoderFor(isNative ? "native" : device.decoder);
  if (decoder === undefined) {
    const detail = `no decoder is named ${device.decoder}`;
    batch.quarantine.push(quarantineRow(sourced, { index: 0, reason: "unknown-decoder", detail }));
    return;
  }
  const { topic, payload, receivedAt } = message;
  const state = batch.decoderStates.get(device.id) ?? decoderState(device.id);
  const decoded = decoder({ topic, payload, receivedAt, deviceId: device.id, state });
  if (decoded.state !== undefined) batch.decoderStates.set(device.id, decoded.state);
  // Numbered by themselves: a format may find two faults in one element.
  decoded.rejections.forEach(({ index, ...rejection }, number) => {
    const row = quarantineRow(sourced, { index: number, ...rejection });
    batch.quarantine.push({ ...row, payload: partOf(payload, index) });
  });
  const from = { deviceId: device.id, receivedAt, topic };
  if (decoded.status) {
    const status = ordered(decoded.status, receivedAt, source);
    batch.arrivals.push(arrivalOf("status", status, { ...from, source: `${source}/r0` }));
  }
  decoded.readings.forEach(({ kind, content }, index) => {
    const reading = kind === "rfid" ? { ...content, epc: normalizeEpc(content.epc).hex ?? content.epc } : content;
    batch.arrivals.push(arrivalOf(kind, reading, { ...from, source: `${source}/r${index}` }));
  });
}

/**
 * A report without a time of its own (a will cannot have one) holds from when it was received. Two within one millisecond
 * are told apart, and put in order, by their places in the journal.
 */
function ordered(status: StatusReport, receivedAt: number, source: string): StatusReport {
  if (status.seq !== undefined || status.ts !== receivedAt) return status;
  const [, frame, message] = source.split("/").map((part) => Number.parseInt(part, 10));
  return { ...status, seq: (frame ?? 0) * MESSAGES_PER_FRAME + (message ?? 0) };
}

/** More than any frame holds. */
const MESSAGES_PER_FRAME = 2 ** 20;

/** Of an array, only the element at fault: its neighbours were taken. */
function partOf(payload: Buffer, index: number): Buffer {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    if (Array.isArray(value) && index < value.length) return Buffer.from(JSON.stringify(value[index]));
  } catch {
    // Not JSON: the whole message is at fault.
  }
  return payload;
}

function quarantineRow(
  { message, source, deviceId }: Sourced,
  { index, reason, detail }: { index: number; reason: string; detail: string },
): QuarantineRow {
  const { topic, receivedAt, payload } = message;
  return { source: `${source}/${index}`, deviceId, topic, receivedAt, reason, detail, payload };
}

function rawRow({ topic, receivedAt, payload }: JournalMessage, source: string, deviceId: string): RawRow {
  return { deviceId, receivedAt, source, topic, payload };
}
