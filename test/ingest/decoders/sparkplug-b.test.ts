import { describe, expect, it } from "vitest";
import { decodeSparkplug } from "../../../ingest/decoders/sparkplug-b.ts";
import { encodeSparkplug } from "../../support/sparkplug-sender.ts";

const receivedAt = Date.UTC(2026, 2, 1, 12);
const ts = 1_770_000_000_000;
const send = (path: string, message: Record<string, unknown>, state?: unknown) =>
  decodeSparkplug({
    topic: `spBv1.0/plant/${path}`,
    deviceId: "edge1",
    payload: encodeSparkplug(message),
    receivedAt,
    state,
  });

const nodeBirth = (bdSeq: number) =>
  send("NBIRTH/edge1", {
    timestamp: ts,
    seq: 0,
    uuid: "x",
    metrics: [
      { name: "bdSeq", datatype: 8, longValue: bdSeq },
      { name: "Node Control/Rebirth", datatype: 11 },
      { name: "Cold Room/Temperature", alias: 0, datatype: 10, doubleValue: 4.5 },
      { name: "Outside/temperature", alias: 8, datatype: 3, intValue: 4_294_967_284 },
    ],
  });

describe("sparkplug-b", () => {
  it("takes names from the BIRTH, and values and times from the DATA", () => {
    const birth = nodeBirth(3);
    expect(birth.state).toMatchObject({ seq: 0, bdSeq: 3 });
    expect(birth.statuses).toEqual([{ ts, state: "online", session: "3" }]);
    const data = send(
      "NDATA/edge1",
      {
        timestamp: ts + 5000,
        seq: 1,
        metrics: [
          { alias: 0, timestamp: ts + 4000, doubleValue: 5.25 },
          { alias: 0, timestamp: ts + 1000, isHistorical: true, doubleValue: 4.75 },
        ],
      },
      JSON.parse(JSON.stringify(birth.state)),
    );
    expect(data.readings).toEqual([
      { kind: "env", content: { ts: ts + 1000, seq: 1, celsius: 4.75 } },
      { kind: "env", content: { ts: ts + 4000, seq: 1, celsius: 5.25 } },
    ]);
    expect([data.rejections, data.warnings]).toEqual([[], []]);
  });

  it("reads signed numbers by the datatype of the BIRTH", () => {
    const metrics = [{ alias: 8, timestamp: ts + 1, intValue: 4_294_967_286 }];
    const data = send("NDATA/edge1", { seq: 1, metrics }, nodeBirth(0).state);
    expect(data.readings).toEqual([{ kind: "env", content: { ts: ts + 1, seq: 1, celsius: -10 } }]);
  });

  it("reads devices behind an edge node, and positions of several metrics", () => {
    const named = [
      { name: "GPS/Latitude", datatype: 10, doubleValue: 48.5 },
      { name: "GPS/Longitude", datatype: 10, doubleValue: 11.5 },
    ];
    const data = send("DDATA/edge1/truck", { timestamp: ts, seq: 9, metrics: named });
    expect(data.readings).toEqual([{ kind: "gps", content: { ts, seq: 9, lat: 48.5, lon: 11.5 } }]);
  });

  it("completes a position when only its latitude has changed", () => {
    const both = [
      { name: "GPS/Latitude", doubleValue: 48.5 },
      { name: "GPS/Longitude", doubleValue: 11.5 },
    ];
    const { state } = send("DDATA/edge1/truck", { timestamp: ts, seq: 1, metrics: both });
    const north = [{ name: "GPS/Latitude", doubleValue: 48.6 }];
    const data = send("DDATA/edge1/truck", { timestamp: ts + 1, seq: 2, metrics: north }, state);
    expect(data.readings).toEqual([{ kind: "gps", content: { ts: ts + 1, seq: 2, lat: 48.6, lon: 11.5 } }]);
    const other = send("DDATA/edge1/other", { timestamp: ts + 1, seq: 3, metrics: north }, state);
    expect(other.readings).toEqual([]);
  });

  it("uses the first of two temperatures of one instant, and warns of the other", () => {
    const birth = nodeBirth(0);
    expect(birth.readings).toEqual([{ kind: "env", content: { ts, seq: 0, celsius: 4.5 } }]);
    expect(birth.warnings).toEqual(["values not used: Outside/temperature"]);
  });

  it("rejects an alias that is in no BIRTH, and reads the other metrics", () => {
    const metrics = [
      { alias: 99, doubleValue: 1 },
      { name: "humidity", doubleValue: 40 },
    ];
    const data = send("NDATA/edge1", { timestamp: ts, seq: 1, metrics });
    expect(data.rejections).toMatchObject([{ index: 0, reason: "not-a-reading" }]);
    expect(data.readings).toEqual([{ kind: "env", content: { ts, seq: 1, humidity: 0.4 } }]);
  });

  it("warns of a gap in seq, but not when seq wraps around", () => {
    const at = (seq: number, state?: unknown) =>
      send("NDATA/edge1", { timestamp: ts, seq, metrics: [{ name: "temp", doubleValue: 1 }] }, state);
    expect(at(0, at(255).state).warnings).toEqual([]);
    expect(at(3, at(1).state).warnings).toEqual(["seq 3, expected 2"]);
  });

  it("accepts an NDEATH of the newest session only", () => {
    const { state } = nodeBirth(4);
    const death = (bdSeq: number) =>
      send("NDEATH/edge1", { metrics: [{ name: "bdSeq", datatype: 8, longValue: bdSeq }] }, state);
    expect(death(4).statuses).toEqual([{ ts: receivedAt, state: "offline", session: "4" }]);
    expect(death(3).statuses).toBeUndefined();
    expect(death(3).warnings).toHaveLength(1);
  });

  it("rejects what cannot be, also in a BIRTH, and keeps what was measured at other times", () => {
    const metrics = [
      { name: "Temperature", timestamp: ts, doubleValue: 21 },
      { name: "Humidity", timestamp: ts, doubleValue: 150 },
      { name: "Temperature", timestamp: ts + 1000, doubleValue: 22 },
    ];
    for (const type of ["NDATA", "NBIRTH"]) {
      const data = send(`${type}/edge1`, { timestamp: ts, seq: 0, metrics });
      expect(data.readings, type).toEqual([{ kind: "env", content: { ts: ts + 1000, seq: 0, celsius: 22 } }]);
      expect(data.rejections, type).toMatchObject([
        { index: 0, reason: "not-a-reading", detail: expect.stringMatching(/^humidity: 1.5 is/) },
      ]);
    }
  });

  it("treats null as absent, and rejects bytes that are no payload", () => {
    const data = send("NDATA/edge1", {
      timestamp: ts,
      seq: 1,
      metrics: [
        { name: "temp", isNull: true },
        { name: "lux", floatValue: 0 },
      ],
    });
    expect(data.readings).toEqual([{ kind: "env", content: { ts, seq: 1, lux: 0 } }]);
    const payload = Buffer.from("hello");
    const broken = decodeSparkplug({ topic: "spBv1.0/plant/NDATA/edge1", deviceId: "edge1", payload, receivedAt });
    expect(broken.rejections).toMatchObject([{ reason: "malformed" }]);
    expect(send("NCMD/edge1", {}).readings).toEqual([]);
  });
});
