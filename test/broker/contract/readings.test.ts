import { describe, expect, it } from "vitest";
import { parseIsoInstant } from "../../../broker/contract/measurement-time.ts";
import { type Kind, READING_SCHEMAS } from "../../../broker/contract/readings.ts";

const ts = 1_700_000_000_000;

describe("readings in the forms that devices send", () => {
  it.each<[Kind, object, object]>([
    ["gps", { ts, lat: 48.1, lon: 11.5 }, { ts, lat: 48.1, lon: 11.5 }],
    ["gps", { ts: "2014-09-10T09:13:22+0200", lat: -90, lon: 180 }, { ts: 1_410_333_202_000, lat: -90, lon: 180 }],
    [
      "rfid",
      { ts, seq: 0, epc: "30F4AB12CD0045E100000001", antenna: 2, rssi: -61.5 },
      { epc: "30F4AB12CD0045E100000001" },
    ],
    ["scale", { ts, grams: -3.5, stable: true }, { grams: -3.5, stable: true }],
    ["scale", { ts, weight: 2, unit: "lb" }, { grams: 907.18474 }],
    ["scale", { ts, weight: 1, unit: "oz" }, { grams: 28.349523125 }],
    ["scale", { ts, weight: 1.5, unit: "kg" }, { grams: 1500 }],
    ["env", { ts, celsius: -20.5 }, { celsius: -20.5 }],
    ["env", { ts, battery: 0 }, { battery: 0 }],
    ["scan", { ts, code: "00340123450000000018", action: "receive", quantity: 3 }, { action: "receive", quantity: 3 }],
  ])("%s %j", (kind, sent, read) => {
    expect(READING_SCHEMAS[kind].parse(sent)).toMatchObject(read);
  });

  it.each<[Kind, unknown]>([
    ["gps", { lat: 1, lon: 1 }],
    ["gps", { ts, lat: 90.1, lon: 1 }],
    ["gps", { ts, lat: "48", lon: 1 }],
    ["gps", { ts, lat: 1, lon: -180.5 }],
    ["gps", { ts, lat: 1, lon: 1, accuracy: -1 }],
    ["gps", { ts, seq: -1, lat: 1, lon: 1 }],
    ["gps", { ts, seq: 1.5, lat: 1, lon: 1 }],
    ["gps", { ts: "2014-09-10T09:13:22", lat: 1, lon: 1 }],
    ["gps", { ts: -1, lat: 1, lon: 1 }],
    ["gps", null],
    ["rfid", { ts, epc: "" }],
    ["rfid", { ts }],
    ["scale", { ts }],
    ["scale", { ts, weight: 1 }],
    ["scale", { ts, weight: 1, unit: "stone" }],
    ["scale", { ts, weight: 1e308, unit: "lb" }],
    ["env", { ts }],
    ["env", { ts, humidity: 45 }],
    ["env", { ts, celsius: -274 }],
    ["scan", { ts, code: "x", action: "steal" }],
    ["scan", { ts, code: "x", quantity: 1.5 }],
  ])("refuses %s %j", (kind, sent) => {
    expect(READING_SCHEMAS[kind].safeParse(sent).success).toBe(false);
  });
});

describe("times of measurement", () => {
  it.each([
    ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"],
    ["2024-02-29T12:00Z", "2024-02-29T12:00:00.000Z"],
    ["2024-02-29T12:00:00.5+02:00", "2024-02-29T10:00:00.500Z"],
    ["2024-02-29T12:00:00,25-0530", "2024-02-29T17:30:00.250Z"],
    ["2024-02-29t12:00:00+02", "2024-02-29T10:00:00.000Z"],
  ])("%s is %s", (text, instant) => {
    expect(new Date(parseIsoInstant(text)!).toISOString()).toBe(instant);
  });

  it.each([
    "2024-02-29",
    "2024-02-29T12:00:00",
    "2024-13-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2024-00-01T00:00:00Z",
    "yesterday",
    "",
    "1700000000000",
  ])("%j says no instant", (text) => expect(parseIsoInstant(text)).toBeUndefined());
});
