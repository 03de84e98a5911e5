import { hasWildcard, isValidText, isValidFilter } from "./utf8-rules.ts";

/** MQTT control packet types a client may send (section 2.2.1). */
export const PACKET = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

/**
 * Filters in one SUBSCRIBE or UNSUBSCRIBE: far more than a session may have open. Without a limit a packet of the largest
 * size could name 20,000 filters, which would block the event loop for half a second.
 */
const MAX_FILTERS = 500;

/** Packets that are enough work for one turn of the event loop: CONNECT, and those that may name many filters. */
export const needsOwnRun = (type: number): boolean =>
  type === PACKET.subscribe || type === PACKET.unsubscribe || type === PACKET.connect;

/** Whether the broker sends anything in return. */
export const isAnswered = (type: number): boolean =>
  type !== PACKET.puback && type !== PACKET.pubcomp && type !== PACKET.disconnect;

/**
 * Checks the MQTT 3.1.1 rules that Aedes does not, for every packet after CONNECT.
 * @param flags the fixed header's low four bits
 * @param body where the variable header begins
 * @returns the violation with its clause; undefined: none
 */
export function packetViolation(
  type: number,
  flags: number,
  bytes: Buffer,
  body: number,
  end: number,
): string | undefined {
  switch (type) {
    case PACKET.publish:
      return publishViolation(flags, bytes, body, end);
    case PACKET.puback:
    case PACKET.pubrec:
    case PACKET.pubcomp:
      return flags === 0 ? acknowledgementViolation(bytes, body, end) : "reserved flags are set [MQTT-2.2.2-2]";
    case PACKET.pubrel:
      return flags === 2 ? acknowledgementViolation(bytes, body, end) : "PUBREL flags must be 2 [MQTT-3.6.1-1]";
    case PACKET.subscribe:
      return flags === 2 ? filtersViolation(bytes, body, end, true) : "SUBSCRIBE flags must be 2 [MQTT-3.8.1-1]";
    case PACKET.unsubscribe:
      return flags === 2 ? filtersViolation(bytes, body, end, false) : "UNSUBSCRIBE flags must be 2 [MQTT-3.10.1-1]";
    case PACKET.pingreq:
    case PACKET.disconnect:
      if (flags !== 0) return "reserved flags are set [MQTT-2.2.2-2]";
      return body === end ? undefined : "PINGREQ and DISCONNECT have no body (sections 3.12, 3.14)";
    default:
      return `a client may not send packet type ${type} (section 2.2.1)`;
  }
}

const readUInt16 = (bytes: Buffer, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function publishViolation(flags: number, bytes: Buffer, body: number, end: number): string | undefined {
  const qos = (flags >> 1) & 3;
  if (qos === 3) return "QoS 3 [MQTT-3.3.1-4]";
  if (qos === 0 && flags & 8) return "DUP with QoS 0 [MQTT-3.3.1-2]";
  if (body + 2 > end) return "no topic (section 3.3.2)";
  const topic = body + 2;
  const topicEnd = topic + readUInt16(bytes, body);
  if (topicEnd === topic) return "empty topic [MQTT-4.7.3-1]";
  if (topicEnd + (qos > 0 ? 2 : 0) > end) return "the topic is longer than its packet (section 3.3.2)";
  if (!isValidText(bytes, topic, topicEnd)) return "the topic is not valid UTF-8 [MQTT-1.5.3-1]";
  if (hasWildcard(bytes, topic, topicEnd)) return "a wildcard in a topic name [MQTT-3.3.2-2]";
  if (qos > 0 && readUInt16(bytes, topicEnd) === 0) return "packet id 0 [MQTT-2.3.1-1]";
  return undefined;
}

function acknowledgementViolation(bytes: Buffer, body: number, end: number): string | undefined {
  if (end - body !== 2) return "an acknowledgement must hold a packet id and nothing else (section 3.4.2)";
  return readUInt16(bytes, body) === 0 ? "packet id 0 [MQTT-2.3.1-1]" : undefined;
}

function filtersViolation(bytes: Buffer, body: number, end: number, withQos: boolean): string | undefined {
  if (body + 2 > end) return "no packet id (section 2.3.1)";
  if (readUInt16(bytes, body) === 0) return "packet id 0 [MQTT-2.3.1-1]";
  let at = body + 2;
  if (at === end) return withQos ? "no filter [MQTT-3.8.3-3]" : "no filter [MQTT-3.10.3-2]";
  let filters = 0;
  while (at < end) {
    if (++filters > MAX_FILTERS) return `more than ${MAX_FILTERS} filters`;
    if (at + 2 > end) return "trailing bytes (section 3.8.3)";
    const filter = at + 2;
    at = filter + readUInt16(bytes, at);
    if (at === filter) return "empty filter [MQTT-4.7.3-1]";
    if (at + (withQos ? 1 : 0) > end) return "a filter is longer than its packet (section 3.8.3)";
    if (!isValidText(bytes, filter, at)) return "a filter is not valid UTF-8 [MQTT-1.5.3-1]";
    if (!isValidFilter(bytes, filter, at)) return "a wildcard out of place [MQTT-4.7.1-2] [MQTT-4.7.1-3]";
    if (withQos && bytes[at++]! > 2) return "a requested QoS other than 0, 1, 2 [MQTT-3.8.3-4]";
  }
  return undefined;
}
