import type { Kind } from "../../../broker/contract/readings.ts";
import { parseBridgedTopic, parseUplinkTopic, type TopicPurpose } from "../../../broker/contract/topics.ts";
import type { Frame, JournalMessage } from "../../../broker/journal/journal.ts";

/** One journaled message with its source, which is the same however often it is read. */
export class JournalRecord {
  readonly message: JournalMessage;
  /** the device its topic names, else the client that sent it */
  readonly deviceId: string;
  /** the device whose readings a gateway forwards, as the topic claims */
  readonly childDeviceId: string | undefined;
  /** the server whose format its topic is of: it forwards for many devices, and the payload names them */
  readonly forwarder: string | undefined;
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
    const compatible = uplink ? undefined : parseBridgedTopic(message.topic);
    this.childDeviceId = compatible?.childDeviceId;
    this.forwarder = compatible?.forwarded && compatible.decoder;
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
