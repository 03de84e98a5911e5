import type { FramedPacket } from "./packet-framer.ts";

/** A PUBLISH at QoS 0 or 1, read in place: the payload shares the memory of the chunk it came in. */
export interface ParsedPublish {
  topic: string;
  payload: Buffer;
  /** 0: QoS 0, which carries none (section 2.3.1) */
  packetId: number;
}

/** Takes readings past the parser. */
export interface PublishFastPath {
  /** false: it is no reading that this sender may send */
  accepts(topic: string): boolean;
  /** takes one, to be settled later */
  handle(reading: ParsedPublish): void;
}

const QOS_1 = 1;
const QOS_2 = 2;

/** Where the payload of a PUBLISH begins (section 3.3.3). */
export function payloadOffset(bytes: Buffer, start: number, body: number): number {
  const topicEnd = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!);
  return ((bytes[start]! >> 1) & 3) === 0 ? topicEnd : topicEnd + 2;
}

/** Reads a PUBLISH that keeps the rules of packet-rules.ts; undefined for QoS 2, which is a dialogue. */
export function parsePublish({ bytes, start, body, end }: FramedPacket): ParsedPublish | undefined {
  const qos = (bytes[start]! >> 1) & 3;
  if (qos === QOS_2) return undefined;
  const topicAt = body + 2;
  const topicEnd = topicAt + ((bytes[body]! << 8) | bytes[body + 1]!);
  const payloadAt = qos === QOS_1 ? topicEnd + 2 : topicEnd;
  return {
    topic: bytes.toString("utf8", topicAt, topicEnd),
    payload: bytes.subarray(payloadAt, end),
    packetId: qos === QOS_1 ? (bytes[topicEnd]! << 8) | bytes[topicEnd + 1]! : 0,
  };
}
