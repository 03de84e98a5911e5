import { expect, test } from "vitest";
import { createFaultStats } from "../../simulators/devices/fault-stats.ts";
import { DEFAULT_FAULTS } from "../../simulators/devices/faults.ts";
import { createGate } from "../../simulators/devices/gate.ts";
import { installDevices } from "../../simulators/devices/install-devices.ts";
import { createGroundTruth, type PalletTruth } from "../../simulators/score/ground-truth.ts";
import type { WorldEvent } from "../../simulators/world/event.ts";
import { HANDLING_KINDS, type HandlingKind } from "../../simulators/world/handling.ts";
import { createWorld, type World } from "../../simulators/world/world.ts";

const START = Date.UTC(2026, 4, 4, 6);
const HOURS = 2;
const installOptions = { seed: 5, faults: DEFAULT_FAULTS, gates: 13, messagesPerSecond: undefined };

interface Played {
  world: World;
  events: readonly WorldEvent[];
  /** of the goods that are handled in the way asked for */
  truths: readonly PalletTruth[];
}

function play(handling: readonly HandlingKind[], kind: HandlingKind, trucks = 20): Played {
  const world = createWorld({ seed: 5, startMs: START, trucks, shelves: 0, probes: 0, gates: 13, handling });
  const truth = createGroundTruth([], START);
  const events = world.advance(START + HOURS * 3_600_000);
  for (const event of events) truth.record(event);
  return { world, events, truths: [...truth.pallets.values()].filter(({ pallet }) => pallet.handling === kind) };
}

/** What becomes of a pallet, in words: cause, stage, status. */
const story = ({ stageChanges }: PalletTruth): string =>
  stageChanges.map(({ cause, stage, statuses }) => `${cause} ${stage ?? "any"} ${statuses.join("|")}`).join(", ");

const ofPallet = (events: readonly WorldEvent[], { pallet }: PalletTruth) =>
  events.filter((event) => "pallet" in event && event.pallet === pallet);

const PACKED = "packed (storage in_storage|production in_production)";
const OUT = "departed transportation in_transit\\|out_for_delivery";
const IN_STORE = "received storage in_storage";
const ARRIVED = "arrived delivery arrived";
const DELIVERED = "delivered delivery delivered";
/** a pallet may come from a plant and pass a warehouse, and the world may end on the way */
const TO_SHOP = `${PACKED}(, ${OUT}(, ${IN_STORE})?)?(, ${OUT}(, ${ARRIVED}`;
const BACK =
  "departed transportation in_transit\\|out_for_delivery\\|returned(, received storage in_storage\\|returned)?";

test.each<[HandlingKind, string]>([
  ["api", `${TO_SHOP}(, ${DELIVERED})?)?)?`],
  ["gate", `${PACKED}(, ${OUT}(, arrived (?<stage>storage|delivery) arrived(, delivered \\k<stage> delivered)?)?)?`],
  ["reader-aboard", `${TO_SHOP}(, ${DELIVERED})?)?)?`],
  ["scanner", `${TO_SHOP}(, ${DELIVERED}|, received delivery arrived\\|delivered)?)?)?`],
  ["late-paperwork", `${TO_SHOP}(, ${DELIVERED})?)?)?`],
  ["wrong-drop", `${PACKED}(, ${OUT}(, received any exception|, ${ARRIVED}(, ${DELIVERED})?)?)?`],
  ["two-trackers", `${TO_SHOP}(, ${DELIVERED})?)?)?`],
  ["clock-off", `${TO_SHOP}(, ${DELIVERED})?)?)?`],
  ["stray-at-destination", `${TO_SHOP}(, ${BACK}(, ${OUT}(, ${ARRIVED}(, ${DELIVERED})?)?)?)?)?)?`],
  ["returns", `${TO_SHOP}(, refused delivery returned)?(, ${BACK}(, ${OUT}(, ${ARRIVED}(, ${DELIVERED})?)?)?)?)?)?`],
])("what is true of goods handled by way of %s", (kind, expected) => {
  const { truths } = play([kind], kind);
  expect(truths.length).toBeGreaterThan(8);
  for (const truth of truths) expect(story(truth)).toMatch(new RegExp(`^${expected}$`));
  const last = kind === "wrong-drop" ? "any exception" : "delivered";
  expect(truths.map(story).filter((text) => text.endsWith(last)).length).toBeGreaterThan(3);
});

test("kinds that are left out are left out, and none is forgotten", () => {
  const { world } = play(HANDLING_KINDS, "api", 30);
  expect(new Set(world.trucks.map(({ handling }) => handling))).toEqual(new Set(HANDLING_KINDS));
  const some = play(["scanner", "returns"], "scanner", 30).world;
  expect(new Set(some.trucks.map(({ handling }) => handling))).toEqual(new Set(["scanner", "returns"]));
  const gateless = createWorld({ seed: 5, startMs: START, trucks: 4, shelves: 0, probes: 0, handling: ["gate"] });
  expect(new Set(gateless.trucks.map(({ handling }) => handling))).toEqual(new Set([null]));
  expect(gateless.advance(START + 3_600_000).filter(({ type }) => type.startsWith("pallet"))).toEqual([]);
});

test("of a truck with a reader, and of gates, nobody tells; late paperwork is entered on the road", () => {
  const toldBy = (kind: HandlingKind) => {
    const { events, truths } = play([kind], kind);
    const told = truths
      .flatMap((truth) => ofPallet(events, truth))
      .map((event) => ("toldBy" in event ? `${event.type} ${event.toldBy}` : event.type));
    return new Set(told.filter((what) => /loaded|delivered|entered/.test(what)));
  };
  expect(toldBy("reader-aboard")).toEqual(new Set(["pallet-loaded nobody", "pallet-delivered nobody"]));
  expect(toldBy("gate")).toEqual(new Set(["pallet-loaded api", "pallet-delivered gate"]));
  expect(toldBy("scanner")).toContain("pallet-loaded scan");
  expect(toldBy("late-paperwork")).toContain("loading-entered");
  const { events } = play(["late-paperwork"], "late-paperwork");
  for (const event of events) {
    if (event.type !== "loading-entered") continue;
    const left = events.findLast(
      ({ at, ...one }) => one.type === "truck-left-fence" && one.truck === event.truck && at < event.at,
    );
    expect(event.loadedAt).toBeLessThan(left!.at);
  }
});

test("gates with a slow clock tell the delivery alone, and as if it was before the arrival", () => {
  const { world, events, truths } = play(["clock-off"], "clock-off");
  const slow = new Set([...world.plan.clockErrors].filter(([, errorMs]) => errorMs < 0).map(([site]) => site));
  const delivered = truths.flatMap(({ deliveredAt, pallet, crossings }) =>
    deliveredAt !== undefined && slow.has(pallet.destination) ? [{ deliveredAt, pallet, crossings }] : [],
  );
  expect(delivered.length).toBeGreaterThan(3);
  for (const { deliveredAt, pallet, crossings } of delivered) {
    const told = events.filter((event) => "pallet" in event && event.pallet === pallet && event.at === deliveredAt);
    expect(told).toMatchObject([
      { type: "pallet-through-gate", direction: "in" },
      { type: "pallet-delivered", toldBy: "gate" },
    ]);
    const arrived = crossings.findLast(({ type }) => type === "arrived")!;
    expect(deliveredAt + world.plan.clockErrors.get(pallet.destination)!).toBeLessThan(arrived.at);
  }
});

test("each way of handling brings its devices", () => {
  const idsOf = (kind: HandlingKind) => {
    const { world } = play([kind], kind, 4);
    const { devices, clockErrors } = installDevices(world, installOptions);
    return { ids: devices.map(({ id }) => id), clockErrors: [...clockErrors] };
  };
  expect(idsOf("reader-aboard").ids).toContain("reader-01");
  expect(idsOf("scanner").ids).toContain("scanner-01");
  expect(idsOf("two-trackers").ids).toContain("second-tracker-01");
  expect(idsOf("clock-off").clockErrors).toEqual([
    ["gate-01", 40_000],
    ["gate-02", -60_000],
  ]);
  expect(idsOf("api")).toMatchObject({ clockErrors: [] });
  expect(idsOf("api").ids.filter((id) => !/^(truck|gate)-/.test(id))).toEqual([]);
});

test("a reader aboard hears a tag from loading to unloading, and at no other time", () => {
  const world = createWorld({
    ...{ seed: 5, startMs: START, trucks: 20, shelves: 0, probes: 0, gates: 13 },
    handling: ["reader-aboard"],
  });
  const { devices } = installDevices(world, installOptions);
  const readers = devices.filter(({ readTags }) => readTags !== undefined);
  const aboard = new Set<string>();
  let read = 0;
  let ahead: WorldEvent[] = [];
  for (let now = START + 500; now < START + 3_600_000; now += 500) {
    ahead.push(...world.advance(now));
    for (const event of ahead.filter(({ at }) => at <= now)) {
      if (event.type === "pallet-loaded") aboard.add(event.pallet.epc);
      if (event.type === "pallet-delivered") aboard.delete(event.pallet.epc);
    }
    ahead = ahead.filter(({ at }) => at > now);
    const tags = readers
      .flatMap((reader) => reader.readTags?.(now) ?? [])
      .map(({ epc }) => String(epc))
      .filter((epc) => !epc.startsWith("E280"));
    for (const epc of tags) expect(aboard).toContain(epc);
    read += tags.length;
  }
  expect(read).toBeGreaterThan(1_000);
});

test("a pass is loudest at one antenna after the other, as loud as it gets, and reads come as often as polls are answered", () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const gate = createGate({ id: "gate-01", site: "W", seed, faults: DEFAULT_FAULTS, faultStats: createFaultStats() });
    for (const [direction, first, second] of [
      ["out", 1, 2],
      ["in", 2, 1],
    ] as const) {
      const reads = gate.readPassage("31", direction, START);
      const middle = (antenna: number) => {
        const loud = reads.filter((read) => read["antenna"] === antenna && Number(read["rssi"]) > -55);
        return loud.reduce((sum, { ts }) => sum + ts / loud.length, 0);
      };
      expect(middle(second) - middle(first)).toBeGreaterThan(400);
      expect(reads.every(({ rssi }) => Number(rssi) >= -70 && Number(rssi) < -34)).toBe(true);
      expect(reads.length).toBeLessThan(8 * 8 * 2);
    }
    // Near the gate and not through it: never louder than beside it, or loud on both antennas at the same time.
    const near = (["one-read", "alternating", "parked"] as const).flatMap((how) => gate.readApproach("31", how, START));
    expect(near.every(({ rssi }) => Number(rssi) <= -60)).toBe(true);
    expect(gate.readApproach("31", "one-read", START)).toHaveLength(1);
    const turned = gate.readApproach("31", "to-and-back", START);
    expect(Math.max(...turned.map(({ ts }) => ts)) - START).toBeLessThanOrEqual(5_100);
  }
});
