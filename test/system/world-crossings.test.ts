import { expect, test } from "vitest";
import { createFenceIndex } from "../../ingest/domain/geo/fence-index.ts";
import { type GpsSample, positionRule } from "../../ingest/signals/position.ts";
import { SCORE_FAULTS } from "../../simulators/devices/faults.ts";
import { installDevices } from "../../simulators/devices/install-devices.ts";
import { GRACE_MS } from "../../simulators/score/shipment-score.ts";
import { createGroundTruth } from "../../simulators/score/ground-truth.ts";
import type { WorldEvent } from "../../simulators/world/event.ts";
import { createRandom } from "../../simulators/world/random.ts";
import { SITES } from "../../simulators/world/sites.ts";
import { createWorld, STEP_MS } from "../../simulators/world/world.ts";

const LONG = process.env["LONG"] === "1";
const TRUCKS = LONG ? 200 : 60;
const MINUTES = LONG ? 60 : 25;
const SEEDS = Array.from({ length: LONG ? 10 : 2 }, (_, index) => index + 1);
const START = Date.UTC(2026, 4, 4, 6);
/** Fences that trucks are in at the start were entered before it: their crossings are ignored. */
const BEGUN_MS = 60_000;
const FIX_EVERY_MS = 5_000;

interface Crossing {
  type: string;
  truck: string;
  site: string;
  at: number;
}

const siteFences = SITES.map(({ lat, lon, radiusM }, index) => ({
  locationId: index,
  fence: { shape: "circle", centre: { lat, lon }, radiusM } as const,
}));

/** Runs a world and feeds its trackers' fixes, some of them lost, to the position rule. */
function play(seed: number): { told: Crossing[]; real: Crossing[]; decisive: readonly Crossing[]; endMs: number } {
  const world = createWorld({ seed, startMs: START, trucks: TRUCKS, shelves: 0, probes: 0, handling: ["api"] });
  const truth = createGroundTruth([], START);
  const { devices } = installDevices(world, { seed, faults: SCORE_FAULTS, gates: 0, messagesPerSecond: undefined });
  const road = createRandom(seed, "road");
  const fences = createFenceIndex(siteFences);
  const followed = devices.map((device, index) => ({
    device,
    truck: world.trucks[index]!.name,
    state: positionRule.initial,
  }));
  const [told, real]: [Crossing[], Crossing[]] = [[], []];
  const notice = (event: WorldEvent): void => {
    truth.record(event);
    if (event.type !== "truck-left-fence" && event.type !== "truck-entered-fence") return;
    const type = event.type === "truck-left-fence" ? "departed" : "arrived";
    real.push({ type, truck: event.truck, site: event.site.name, at: event.at });
  };
  let ahead: WorldEvent[] = [];
  const endMs = START + MINUTES * 60_000;
  for (let now = START; now < endMs; now += STEP_MS) {
    for (const one of (now - START) % FIX_EVERY_MS === 0 ? followed : []) {
      const fix = one.device.measure?.(now);
      if (!fix || road.chance(SCORE_FAULTS.drop)) continue;
      const context = { deviceId: one.device.id, fences, vehicleAt: () => ({ vehicleId: 1 }) };
      const step = positionRule.step(one.state, { seq: -1, ...fix } as unknown as GpsSample, context);
      one.state = step.state;
      for (const { type, at, data } of step.facts) {
        if (type !== "arrived" && type !== "departed") continue;
        told.push({ type, truck: one.truck, site: SITES[data.locationId]!.name, at });
      }
    }
    ahead.push(...world.advance(now + STEP_MS));
    for (const event of ahead.filter(({ at }) => at <= world.now).sort((a, b) => a.at - b.at)) notice(event);
    ahead = ahead.filter(({ at }) => at > world.now);
  }
  return { told, real, decisive: truth.crossings.filter(({ decisive }) => decisive), endMs };
}

const isOf = (one: Crossing) => (other: Crossing) =>
  one.type === other.type &&
  one.truck === other.truck &&
  one.site === other.site &&
  Math.abs(one.at - other.at) <= GRACE_MS;

test.each(SEEDS)(
  "world %i: every crossing that changes goods' stage is detected, and no false one",
  { timeout: LONG ? 300_000 : 60_000 },
  (seed) => {
    const { told, real, decisive, endMs } = play(seed);
    const missed = decisive.filter((crossing) => endMs - crossing.at >= GRACE_MS && !told.some(isOf(crossing)));
    const invented = told.filter((crossing) => crossing.at > START + BEGUN_MS && !real.some(isOf(crossing)));
    expect({ missed, invented }).toEqual({ missed: [], invented: [] });
    expect(decisive.length).toBeGreaterThan(50);
  },
);
