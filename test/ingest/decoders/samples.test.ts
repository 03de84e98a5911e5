import { describe, expect, it } from "vitest";
import { decodeImpinj } from "../../../ingest/decoders/impinj.ts";
import { decodeScaleLine } from "../../../ingest/decoders/scale-line.ts";
import { sampleData } from "../../fixtures/sample-data.ts";

const receivedAt = Date.UTC(2026, 2, 1, 12);

interface Sample {
  valid: boolean;
  payload?: unknown;
  line?: string;
  hex?: string;
  kg?: number;
  facts?: { rssi_dbm: number };
}

describe("samples of readers and scales", () => {
  it("are decoded as the table says", () => {
    const { rfid, scale } = JSON.parse(sampleData("rfid-and-scale/samples.json")) as {
      rfid: Sample[];
      scale: Sample[];
    };
    const input = (payload: Buffer) => ({ topic: "devices/d1/raw", deviceId: "d1", payload, receivedAt });
    for (const { payload, facts } of rfid) {
      const { readings } = decodeImpinj(input(Buffer.from(JSON.stringify(payload))));
      expect(readings).toMatchObject([{ kind: "rfid", content: { rssi: facts?.rssi_dbm } }]);
    }
    for (const { valid, line, hex, kg } of scale) {
      const payload = hex === undefined ? Buffer.from(line ?? "") : Buffer.from(hex, "hex");
      const { readings, rejections } = decodeScaleLine(input(payload));
      expect([readings.length, rejections.length], line).toEqual(valid ? [1, 0] : [0, 1]);
      if (kg !== undefined && valid) expect(readings[0]?.content).toMatchObject({ grams: kg * 1000 });
    }
  });
});
