/** A device of the load: it writes PUBLISH packets at QoS 1. */
export interface Sender {
  /** A packet with so many readings; `write` fills it in. */
  template(readings: number): Template;
  /** Writes the next packet at `at`. */
  write(into: Buffer, at: number, packetId: number, template: Template): void;
}

/** A packet that is encoded once; sending one costs a copy and some digits. */
export interface Template {
  packet: Buffer;
  idAt: number;
  /** offset of the first reading, and the distance from one reading to the next, bytes */
  first: number;
  stride: number;
  readings: number;
}

export function templateOf(topic: Buffer, reading: string, readings: number): Template {
  const texts = Array.from({ length: readings }, () => reading);
  const payload = readings === 1 ? reading : `[${texts.join(",")}]`;
  const remaining = 2 + topic.length + 2 + payload.length;
  const header = [0x32, ...remainingLength(remaining), topic.length >> 8, topic.length & 255];
  const packet = Buffer.concat([Buffer.from(header), topic, Buffer.alloc(2), Buffer.from(payload)]);
  const first = packet.length - payload.length + (readings === 1 ? 0 : 1);
  return { packet, idAt: packet.length - payload.length - 2, first, stride: reading.length + 1, readings };
}

/** Copies a packet with its id. */
export function writePacket(into: Buffer, at: number, packetId: number, { packet, idAt }: Template): void {
  packet.copy(into, at);
  into[at + idAt] = packetId >> 8;
  into[at + idAt + 1] = packetId & 255;
}

export function writeDigits(into: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const next = Math.floor(rest / 10);
    into[place] = 48 + rest - next * 10;
    rest = next;
  }
}

/** MQTT 3.1.1 section 2.2.3. */
function remainingLength(length: number): number[] {
  const bytes: number[] = [];
  let rest = length;
  do {
    const digit = rest & 127;
    rest >>= 7;
    bytes.push(rest > 0 ? digit | 128 : digit);
  } while (rest > 0);
  return bytes;
}
