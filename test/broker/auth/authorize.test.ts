import { describe, expect, it } from "vitest";
import { mayPublish, mayReceive, maySubscribe, type Principal } from "../../../broker/auth/authorize.ts";
import { filterCovers, filterMatches } from "../../../broker/mqtt/topic-filter.ts";

const device: Principal = { type: "device", id: "truck-1", decoder: "native" };
const phone: Principal = { ...device, decoder: "owntracks" };
const thingsBoard: Principal = { ...device, decoder: "thingsboard" };
const edge: Principal = { ...device, decoder: "sparkplug-b" };
const traccar: Principal = { ...device, decoder: "traccar" };
const chirpStack: Principal = { ...device, decoder: "chirpstack" };
const gateway: Principal = {
  type: "account",
  id: "gateway",
  publish: ["devices/+/gps", "plant/north/#"],
  subscribe: ["devices/+/cmd", "plant/#"],
};
const powerless: Principal = { type: "account", id: "powerless", publish: [], subscribe: [] };
const anonymous: Principal = { type: "anonymous", id: "trial" };
const principals = { device, phone, thingsBoard, edge, traccar, chirpStack, gateway, powerless, anonymous };
type Who = keyof typeof principals;
/** denied to anonymous clients */
const DENIED = ["test/nosubscribe"];

const KINDS = ["gps", "rfid", "scale", "env", "scan", "status", "raw", "cmd/ack"];
const IDS = ["truck-1", "truck-10", "truck", "TRUCK-1", "gateway", "__proto__", "constructor", ""];
const BELOW = ["cmd", "errors", "cmd/ack/x", "gps/x", "GPS", "gps ", "", "x", "cmd/", "$SYS"];
const ELSEWHERE = [
  "devices",
  "devices/",
  "/devices/truck-1/gps",
  "Devices/truck-1/gps",
  "devicesx/truck-1/gps",
  "a",
  "a/b",
  "plant",
  "plant/north",
  "plant/north/a/b",
  "plant/south",
  "test/nosubscribe",
  "$SYS/a",
  "$SYS/truck-1/heartbeat",
  "$share/g/devices/truck-1/gps",
  "$TopicA/B",
  "v1/devices/me/telemetry",
  "v1/devices/me/attributes",
  "v1/devices/me/rpc/request/1",
  "v1/gateway/telemetry",
  "v1/devices/you/telemetry",
  "STATE/host",
  "owntracks/a/truck-1",
  "owntracks/a/truck-1/event",
  "owntracks/a/truck-2",
  "owntracks/a/b/truck-1",
  "owntracks/truck-1",
  "spBv1.0/g/x",
  "spBv1.0/g/NBIRTH/truck-1",
  "spBv1.0/g/NBIRTH/truck-2",
  "spBv1.0/g/NDATA/truck-1/device",
  "spBv1.0/g/DDATA/truck-1",
  "spBv1.0/g/DDATA/truck-1/device",
  "spBv1.0/g/DDATA/truck-2/device",
  "spBv1.0/g/NDEATH/truck-1",
  "spBv1.0/g/NCMD/truck-1",
  "spBv1.0/g/NCMD/truck-2",
  "spBv1.0/g/DCMD/truck-1/device",
  "spBv1.0/STATE/host",
  "traccar/positions",
  "traccar/",
  "positions",
  "events",
  "application/a/device/truck-2/event/up",
  "application/a/device/truck-2/command/down",
  "v3/app@ttn/devices/truck-2/up",
  "v3/app@ttn/devices/truck-2/down/push/x/y",
];
const topics = [...IDS.flatMap((id) => [...KINDS, ...BELOW].map((rest) => `devices/${id}/${rest}`)), ...ELSEWHERE];
const filters = [
  ...topics,
  "#",
  "+",
  "+/+",
  "+/#",
  "/#",
  "devices/#",
  "devices/+",
  "devices/+/gps",
  "devices/+/cmd",
  "devices/truck-1/#",
  "devices/truck-1/+",
  "+/truck-1/cmd",
  "devices/+/#",
  "plant/#",
  "plant/+",
  "plant/+/x",
  "spBv1.0/g/NCMD/truck-1/#",
  "spBv1.0/g/DCMD/truck-1/#",
  "spBv1.0/g/DCMD/+/#",
  "spBv1.0/+/NCMD/truck-1",
  "spBv1.0/#",
  "$SYS/#",
  "$SYS",
  "$share/g/#",
];

/** The access rules once more, as plain lists of what is allowed. Everything else must be denied. */
const ownTopic = (topic: string): boolean => KINDS.some((kind) => topic === `devices/truck-1/${kind}`);
const ownDownlink = (filter: string): boolean => ["devices/truck-1/cmd", "devices/truck-1/errors"].includes(filter);
const mayPublishTo: Record<Who, (topic: string) => boolean> = {
  device: ownTopic,
  phone: (topic) => ownTopic(topic) || ["owntracks/a/truck-1", "owntracks/a/truck-1/event"].includes(topic),
  thingsBoard: (topic) => ownTopic(topic) || /^v1\/(devices\/me|gateway)\/./.test(topic),
  edge: (topic) =>
    ownTopic(topic) || /^spBv1\.0\/g\/(N(BIRTH|DATA|DEATH)\/truck-1|D(BIRTH|DATA|DEATH)\/truck-1\/device)$/.test(topic),
  traccar: (topic) => ownTopic(topic) || topic === "traccar/positions",
  chirpStack: (topic) => ownTopic(topic) || topic === "application/a/device/truck-2/event/up",
  gateway: (topic) => /^devices\/[^/]*\/gps$/.test(topic) || /^plant\/north(\/.*)?$/.test(topic),
  powerless: () => false,
  anonymous: (topic) => !/^(devices$|devices\/|\$SYS\/|\$share\/)/.test(topic),
};
const maySubscribeTo: Record<Who, (filter: string) => boolean> = {
  device: ownDownlink,
  phone: ownDownlink,
  thingsBoard: (filter) => ownDownlink(filter) || /^v1\/devices\/me\/(attributes|rpc)/.test(filter),
  edge: (filter) =>
    ownDownlink(filter) ||
    /^spBv1\.0\/g\/(NCMD\/truck-1(\/#)?|DCMD\/truck-1\/(device|#))$/.test(filter) ||
    /^(spBv1\.0\/)?STATE\/host$/.test(filter),
  traccar: ownDownlink,
  chirpStack: ownDownlink,
  gateway: (filter) => /^devices\/[^/#]*\/cmd$/.test(filter) || /^plant(\/.*)?$/.test(filter),
  powerless: () => false,
  anonymous: (filter) => !/^(devices$|devices\/|\$SYS|\$share\/|test\/nosubscribe$)/.test(filter),
};

describe("the access matrix", () => {
  const whos = Object.keys(principals) as Who[];

  it(`publishes: ${whos.length * topics.length} cases`, () => {
    for (const who of whos) {
      for (const topic of topics) {
        const allowed = mayPublish(principals[who], topic);
        expect(allowed, `${who} publishes to ${topic}`).toBe(mayPublishTo[who](topic));
      }
    }
  });

  it(`subscriptions: ${whos.length * filters.length} cases`, () => {
    for (const who of whos) {
      for (const filter of filters) {
        expect(maySubscribe(principals[who], filter, DENIED), `${who} subscribes to ${filter}`).toBe(
          maySubscribeTo[who](filter),
        );
      }
    }
    expect(whos.length * (topics.length + filters.length)).toBeGreaterThan(500);
  });

  it("a wildcard subscription delivers no topic that may not be subscribed to by name", () => {
    for (const who of whos) {
      for (const topic of topics) {
        if (!mayReceive(principals[who], topic)) continue;
        expect(maySubscribe(principals[who], topic), `${who} receives ${topic}`).toBe(true);
      }
    }
    expect(mayReceive(anonymous, "devices/truck-1/cmd")).toBe(false);
    expect(mayReceive(device, "devices/truck-1/cmd")).toBe(true);
  });
});

describe("filters", () => {
  it.each([
    ["a/#", "a", true],
    ["a/#", "a/b/c", true],
    ["a/+", "a", false],
    ["a/+", "a/", true],
    ["+", "/a", false],
    ["/+", "/a", true],
    ["#", "$SYS/a", false],
    ["+/a", "$SYS/a", false],
    ["$SYS/#", "$SYS/a", true],
  ])("%s against topic %s: %s", (filter, topic, matches) => {
    expect(filterMatches(filter, topic)).toBe(matches);
  });

  it.each([
    ["a/#", "a/+/b", true],
    ["a/#", "#", false],
    ["a/+", "a/#", false],
    ["a/+/b", "a/x/b", true],
    ["a/x/b", "a/+/b", false],
    ["#", "$SYS/#", false],
    ["+/b", "+/b", true],
  ])("%s covers %s: %s", (filter, narrower, covers) => {
    expect(filterCovers(filter, narrower)).toBe(covers);
  });
});
