import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PacketFramer } from "../../../broker/mqtt/packet-framer.ts";
import { publishPacket } from "../raw-client.ts";

const LIMIT = 128 * 1024;

/** All packets that the framer finds in these chunks, or the violation. */
function cut(chunks: Buffer[], maxPacketBytes = LIMIT): Buffer[] | string {
  const cutter = new PacketFramer(maxPacketBytes);
  const packets: Buffer[] = [];
  for (const chunk of chunks) {
    if (!cutter.add(chunk)) continue;
    for (let packet = cutter.next(); packet; packet = cutter.next()) {
      if ("violation" in packet) return packet.violation;
      packets.push(Buffer.from(packet.bytes.subarray(packet.start, packet.end)));
    }
  }
  return packets;
}

describe("framing a stream into packets", () => {
  it("finds the same packets however the bytes are split", () => {
    const sizes = fc.array(
      fc.oneof(fc.nat(5), fc.integer({ min: 100, max: 200 }), fc.integer({ min: 16_000, max: 17_000 })),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(40_000), { maxLength: 30 }), (sizes, cuts) => {
        const packets = sizes.map((size) => publishPacket("a", Buffer.alloc(size, size), 0));
        const stream = Buffer.concat(packets);
        const places = [0, ...cuts.filter((at) => at < stream.length).sort((one, other) => one - other), stream.length];
        const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        const found = cut(chunks);
        return (
          Array.isArray(found) && found.length === packets.length && found.every((one, n) => one.equals(packets[n]!))
        );
      }),
      { numRuns: 300 },
    );
  });

  it("finds them byte by byte", () => {
    const packets = [publishPacket("a", Buffer.alloc(300), 0), Buffer.from([0xc0, 0]), publishPacket("b", "x", 1, 7)];
    expect(cut(Array.from(Buffer.concat(packets), (byte) => Buffer.from([byte])))).toEqual(packets);
  });

  it("accepts a packet at the limit and rejects one byte more at the fixed header", () => {
    const header = (remaining: number): Buffer =>
      Buffer.from([0x30, (remaining & 0x7f) | 0x80, ((remaining >> 7) & 0x7f) | 0x80, remaining >> 14]);
    expect(cut([header(LIMIT - 4), Buffer.alloc(LIMIT - 4)])).toHaveLength(1);
    expect(cut([header(LIMIT - 3)])).toContain("the limit is 131072");
  });

  it("rejects a remaining length of five bytes", () => {
    expect(cut([Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80])])).toContain("2.2.3");
  });
});
