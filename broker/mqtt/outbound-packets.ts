/** Where one packet lies within outbound bytes. */
export interface OutboundPacket {
  start: number;
  /** where the variable header begins */
  body: number;
  end: number;
}

/** @param bytes whole packets, as Aedes writes them (section 2.2) */
export function* packetsIn(bytes: Buffer): Generator<OutboundPacket, void, undefined> {
  for (let start = 0; start < bytes.length;) {
    let length = 0;
    let body = start + 1;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[body++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    const end = body + length;
    yield { start, body, end };
    start = end;
  }
}
