import { describe, expect, it } from "vitest";
import { decodeNmea } from "../../../ingest/decoders/nmea.ts";
import { sampleData } from "../../fixtures/sample-data.ts";

const receivedAt = Date.UTC(2021, 2, 7);
const send = (text: string, state?: unknown) =>
  decodeNmea({ topic: "devices/d1/raw", deviceId: "d1", payload: Buffer.from(text, "latin1"), receivedAt, state });

describe("nmea with one sentence per message", () => {
  const rmc = "$GNRMC,103607.00,A,5327.03942,N,00214.42462,W,0.046,,060321,,,A,V*0F";
  const gga = "$GNGGA,103607.00,5327.03942,N,00214.42462,W,1,06,5.88,56.0,M,48.5,M,,*64";

  it("makes one reading: from RMC, to which GGA adds", () => {
    const first = send(rmc);
    expect(first.readings).toHaveLength(1);
    const second = send(gga, first.state);
    expect(second.readings).toEqual([]);
    const again = send(rmc, second.state);
    expect(again.readings[0]?.content).toMatchObject({ ts: Date.UTC(2021, 2, 6, 10, 36, 7), satellites: 6 });
  });
});

describe("nmea, recorded logs", () => {
  it("reads every GGA of a log with binary data in between", () => {
    const mixed = sampleData("nmea/mixed.nmea");
    const decoded = send(mixed);
    expect(decoded.readings).toHaveLength(mixed.match(/\$GNGGA/g)!.length);
    expect(decoded.readings.every(({ kind, content }) => kind === "gps" && Math.abs(content.lat - 53.45) < 0.01)).toBe(
      true,
    );
  });

  it("rejects the sentence with a bad checksum and reads the others", () => {
    const decoded = send(sampleData("nmea/bad-checksum.nmea"));
    expect(decoded.rejections.length).toBeGreaterThan(0);
    expect(decoded.rejections.every(({ reason }) => reason === "bad-checksum")).toBe(true);
    expect(decoded.readings[0]).toMatchObject({ kind: "gps", content: { satellites: 12 } });
  });
});
