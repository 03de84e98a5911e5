import { describe, expect, it } from "vitest";
import { DEVICE_ID, parseUplinkTopic } from "../../../broker/contract/topics.ts";

describe("uplink topics", () => {
  it.each(["gps", "rfid", "scale", "env", "scan"])("readings of kind %s", (kind) => {
    expect(parseUplinkTopic(`devices/truck-1/${kind}`)).toEqual({ purpose: "readings", deviceId: "truck-1", kind });
  });

  it.each([
    ["raw", "raw"],
    ["status", "status"],
    ["cmd/ack", "command-ack"],
  ])("%s is for %s", (rest, purpose) => {
    expect(parseUplinkTopic(`devices/truck-1/${rest}`)).toEqual({ purpose, deviceId: "truck-1" });
  });

  it.each([
    "devices/truck-1/cmd",
    "devices/truck-1/errors",
    "devices/truck-1/gps/x",
    "devices/truck-1/",
    "devices/truck-1",
    "devices//gps",
    "devices/",
    "Devices/truck-1/gps",
    "/devices/truck-1/gps",
    "devices/truck-1/__proto__",
    "devices/truck-1/constructor",
  ])("no device may publish to %s", (topic) => {
    expect(parseUplinkTopic(topic)).toBeUndefined();
  });
});

describe("device ids", () => {
  it.each(["a", "A-1.b_c:d~e@f", "x".repeat(128)])("%s is valid", (id) => expect(id).toMatch(DEVICE_ID));
  it.each(["", "x".repeat(129), "a/b", "a+b", "a#b", "a b", "ä", "a\n", "a\0"])("%j is invalid", (id) =>
    expect(id).not.toMatch(DEVICE_ID),
  );
});
