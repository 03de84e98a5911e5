import type { FramedPacket } from "./packet-framer.ts";

/** A PUBLISH at QoS 0 or 1, parsed in place: the payload shares the memory of the chunk it arrived in. */
export interface ParsedPublish {
  topic: string;
  payload: Buffer;
  /** 0 at QoS 0, which has no packet id (section 2.3.1) */
  packetId: number;
}

/** Handles publishes without the parser. */
export interface PublishFastPath {
  /** whether a publish on this topic may take the fast path; the parser gets the others */
  accepts(topic: string): boolean;
  /** stores one; the connection's `publishStored` is called later */
  handle(publish: ParsedPublish): void;
}

const QOS_1 = 1;
const QOS_2 = 2;

/** The offset in `bytes` at which the payload of a PUBLISH begins (section 3.3.3). */
export function payloadOffset(bytes: Buffer, start: number, body: number): number {
  const topicEnd = body + 2 + ((bytes[body]! << 8) | bytes[body + 1]!);
  return ((bytes[start]! >> 1) & 3) === 0 ? topicEnd : topicEnd + 2;
}

/** Parses a PUBLISH that packet-rules.ts has found valid; undefined at QoS 2, which needs further packets. */
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
