import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../support/property-seed.ts";
import { MAX_MESSAGE_BYTES } from "../../../broker/contract/readings.ts";
import type { Decoded } from "../../../ingest/decoders/decoder.ts";
import { flattened } from "../../../ingest/decoders/forwarded/forwarded.ts";
import type { PayloadFields } from "../../../ingest/domain/payload-fields.ts";
import { FORWARDERS } from "../../../ingest/decoders/forwarded/owner.ts";
import { decoderFor } from "../../../ingest/decoders/index.ts";

const receivedAt = Date.UTC(2026, 2, 1, 12);
const NAMES = [...FORWARDERS];

function decode(name: string, body: unknown, fields?: PayloadFields): Decoded {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const topic = "devices/d1/raw";
  return decoderFor(name)!({ topic, deviceId: "d1", payload, receivedAt, payloadFieldsOf: () => fields });
}

const uplink = (object: object) => ({ time: "2026-03-01T11:00:00Z", deviceInfo: { devEui: "a" }, object });
const ts = Date.UTC(2026, 2, 1, 11);

describe("the fields of a profile", () => {
  it("scale and shift values, take texts and times, and go before what names say", () => {
    const fields: PayloadFields = {
      "in.t": { field: "env.celsius", scale: 0.1 },
      batV: { field: "env.battery", scale: 1 / 0.6, offset: -5 },
      w: { field: "scale.grams", scale: 1000 },
      tag: "rfid.epc",
      at: "ts",
      run: "vehicle.ignition",
    };
    const object = {
      in: { t: 45 },
      temperature: 99,
      batV: 3.7,
      w: "1.5",
      tag: "3074257BF7194E4000001A85",
      run: 1,
      at: 1772360000,
    };
    const { readings, rejections, ignored } = flattened(decode("chirpstack", uplink(object), fields));
    const at = 1772360000_000;
    expect(rejections).toEqual([]);
    expect(readings.map(({ kind, content }) => [kind, content])).toEqual([
      // A fresh cell is above the end of the line: it is full, and the reading is not lost.
      ["env", { ts: at, celsius: 4.5, battery: 1 }],
      ["scale", { ts: at, grams: 1500 }],
      ["rfid", { ts: at, epc: "3074257BF7194E4000001A85" }],
      ["vehicle", { ts: at, ignition: true }],
    ]);
    expect(ignored?.map(({ field }) => field)).toEqual(["temperature"]);
  });

  it("tell what a battery in volts is; without them it is no charge of a few percent", () => {
    const volts = flattened(decode("chirpstack", uplink({ battery: 3.6, temperature: 4 }), undefined));
    expect(volts.readings.map(({ content }) => content)).toEqual([{ ts, celsius: 4 }]);
    expect(volts.ignored).toMatchObject([{ field: "battery", hint: expect.stringContaining("volts") as unknown }]);
    const fields: PayloadFields = { battery: { field: "env.battery", scale: 1 / 1.2, offset: -2 } };
    const mapped = flattened(decode("chirpstack", uplink({ battery: 3 }), fields));
    expect(mapped.readings.map(({ content }) => content)).toEqual([{ ts, battery: expect.closeTo(0.5) as number }]);
    const percent = flattened(decode("chirpstack", uplink({ battery: 4 }), undefined));
    expect(percent.readings.map(({ content }) => content)).toEqual([{ ts, battery: 0.04 }]);
  });

  it("say what is no part of a reading, and name what they cannot map", () => {
    const fields: PayloadFields = { door: null, t: "env.celsius" };
    const decoded = flattened(decode("chirpstack", uplink({ door: "open", t: "warm", humidity: 50 }), fields));
    expect(decoded.readings.map(({ content }) => content)).toEqual([{ ts, humidity: 0.5 }]);
    expect(decoded.ignored).toMatchObject([{ field: "t", hint: expect.stringContaining("profile") as unknown }]);
  });

  it("hold for attributes of Traccar: litres by the size of the tank, a second probe as the one that counts", () => {
    const fields: PayloadFields = { fuel: { field: "vehicle.fuel", scale: 1 / 80 }, temp2: "env.celsius" };
    const position = {
      fixTime: "2026-03-01T11:00:00Z",
      latitude: 1,
      longitude: 2,
      attributes: { fuel: 60, temp1: 20, temp2: 4 },
    };
    const { readings, ignored } = flattened(decode("traccar", { position, device: { uniqueId: "a" } }, fields));
    expect(readings.map(({ content }) => content)).toEqual([
      { ts, lat: 1, lon: 2 },
      { ts, fuel: 0.75 },
      { ts, celsius: 4 },
    ]);
    expect(ignored?.map(({ field }) => field)).toEqual(["temp1"]);
  });
});

describe("whatever a server sends", () => {
  const anything = fc.anything({
    withNullPrototype: false,
    maxDepth: 4,
    values: [fc.string(), fc.double(), fc.boolean(), fc.integer()],
  });
  const some = (names: readonly string[], value: fc.Arbitrary<unknown>) =>
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
  const messages: Record<string, fc.Arbitrary<unknown>> = {
    traccar: fc.record(
      {
        position: some(
          [
            "fixTime",
            "deviceTime",
            "latitude",
            "longitude",
            "speed",
            "course",
            "accuracy",
            "altitude",
            "outdated",
            "valid",
            "attributes",
          ],
          fc.oneof(
            anything,
            fc.constant("2026-03-01T11:00:00Z"),
            fc.double(),
            some(["temp1", "fuel", "hours", "sat", "driverUniqueId"], anything),
          ),
        ),
        event: anything,
        device: fc.oneof(anything, fc.record({ uniqueId: anything })),
      },
      { requiredKeys: [] },
    ),
    chirpstack: some(
      ["time", "deviceInfo", "object", "data", "batteryLevel", "location", "devAddr", "rxInfo"],
      anything,
    ),
    ttn: fc.record({
      end_device_ids: anything,
      received_at: fc.oneof(anything, fc.constant("2026-03-01T11:00:00Z")),
      uplink_message: fc.oneof(
        anything,
        some(["decoded_payload", "normalized_payload", "locations", "frm_payload"], anything),
      ),
      location_solved: anything,
    }),
  };

  it.each(NAMES)("%s neither throws nor lets anything outside of the contract pass", (name) => {
    const fields = fc.constantFrom<PayloadFields | undefined>(undefined, {
      "": "env.celsius",
      a: "ts",
      b: "scan.code",
    });
    fc.assert(
      fc.property(
        fc.oneof(messages[name]!, fc.array(messages[name]!, { maxLength: 3 }), fc.jsonValue()),
        fields,
        (sent, mapped) => {
          const text = JSON.stringify(sent, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
          const decoded = flattened(decode(name, Buffer.from(text ?? "null"), mapped));
          for (const { content } of decoded.readings) expect(content.ts).toBeGreaterThanOrEqual(0);
          for (const { detail } of decoded.rejections) expect(detail).toMatch(/\S/);
          expect(
            decoded.readings.length +
              decoded.rejections.length +
              decoded.warnings.length +
              (decoded.statuses?.length ?? 0),
          ).toBeGreaterThan(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each(NAMES)("%s takes a moment for the longest and the deepest message", (name) => {
    const wrap: Record<string, [string, string]> = {
      traccar: ['{"position":{"fixTime":"2026-03-01T11:00:00Z","attributes":', "}}"],
      chirpstack: ['{"deviceInfo":{"devEui":"a"},"object":', "}"],
      ttn: ['{"end_device_ids":{"device_id":"a"},"uplink_message":{"decoded_payload":', "}}"],
    };
    const [open, close] = wrap[name]!;
    const room = MAX_MESSAGE_BYTES - open.length - close.length - 2;
    const wide = `{${Array.from({ length: room / 14 }, (_, at) => `"k${at}":1`).join(",")}}`.slice(0, room);
    const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
    const long = `{"temperature_${"1".repeat(room - 40)}":1}`;
    for (const inner of [wide, deep, long, "[".repeat(room)]) {
      const began = performance.now();
      decode(name, Buffer.from(open + inner + close));
      expect(performance.now() - began).toBeLessThan(4_000);
    }
  });
});
