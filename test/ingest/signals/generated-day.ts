import type { Direction, FactData, FactType, NewFact } from "../../../ingest/domain/fact.ts";
import { type Point, pointAt } from "../../../ingest/domain/geo/geofence.ts";
import type { GpsSample } from "../../../ingest/signals/position.ts";
import type { ScaleSample } from "../../../ingest/signals/scale-count.ts";
import type { TagSample } from "../../../ingest/signals/tag-presence.ts";
import { createNoise } from "./noise.ts";

type Noise = ReturnType<typeof createNoise>;

export const PLANT = 1;
export const HUB = 2;
export const SHOP = 3;
const ORIGIN: Point = { lat: 48.1, lon: 11.5 };
/** The places lie on one road, 3 km apart. */
export const placeAt = (id: number): Point => pointAt(ORIGIN, (id - 1) * 3000, 0);

/** What sensors measured and people entered on a generated day, in order of measurement. */
export interface Day {
  fixes: GpsSample[];
  reads: { hub: TagSample[]; shop: TagSample[] };
  weights: ScaleSample[];
  entered: NewFact[];
}

/** Another day for each seed: drives with stops, outliers and gaps, tags with missed and stray reads, hands on shelves. */
export function generateDay(seed: number): Day {
  const noise = createNoise(seed);
  return {
    fixes: drive(noise),
    reads: { hub: tagReads(noise), shop: tagReads(noise) },
    weights: weighing(noise),
    entered: people(noise),
  };
}

const pick = <T>({ uniform }: Noise, values: readonly T[]): T => values[Math.floor(uniform() * values.length)]!;

function drive(noise: Noise): GpsSample[] {
  const { uniform, gaussian } = noise;
  const fixes: GpsSample[] = [];
  const everyMs = pick(noise, [1_000, 5_000, 20_000]);
  let [ts, east, speed] = [0, pick(noise, [0, 3000]), 0];
  const stated = uniform() < 0.5;
  for (let seq = 0; seq < 40; seq += 1) {
    if (uniform() < 0.15) speed = pick(noise, [0, 0, 8, 15, 25, -15, -25]);
    ts += uniform() < 0.02 ? 4_000_000 : everyMs;
    east += (speed * everyMs) / 1000;
    const outlier = uniform() < 0.05 ? 2_000 * gaussian() : 0;
    const place = pointAt(ORIGIN, east + 10 * gaussian() + outlier, 10 * gaussian());
    const accuracy = stated ? 5 + 20 * uniform() : undefined;
    const satellites = uniform() < 0.03 ? 0 : undefined;
    fixes.push({ ts, seq: uniform() < 0.5 ? -1 : seq, ...place, accuracy, satellites });
  }
  return fixes;
}

function tagReads(noise: Noise): TagSample[] {
  const { uniform, gaussian } = noise;
  const reads: TagSample[] = [];
  let ts = 0;
  for (let seq = 0; seq < 16; seq += 1) {
    ts += uniform() < 0.1 ? 90_000 * uniform() * 10 : 200 + 2_000 * uniform();
    const rssi = uniform() < 0.2 ? undefined : -60 + 8 * gaussian();
    reads.push({ ts: Math.round(ts), seq: -1, antenna: pick(noise, [1, 2]), rssi, count: undefined });
  }
  return reads;
}

function weighing(noise: Noise): ScaleSample[] {
  const { uniform, gaussian } = noise;
  const samples: ScaleSample[] = [];
  const everyMs = pick(noise, [500, 2_000, 10_000]);
  const flagged = uniform() < 0.3;
  let quantity = 20;
  for (let i = 0; i < 36; i += 1) {
    if (uniform() < 0.15) quantity = Math.max(0, quantity + pick(noise, [-3, -2, -1, 1, 5]));
    const hand = uniform() < 0.1 ? 3_000 * uniform() : 0;
    const grams = 1_000 + 250 * (quantity + 0.05 * gaussian()) + hand;
    samples.push({ ts: i * everyMs, seq: -1, grams, stable: flagged ? hand === 0 : undefined });
  }
  return samples;
}

/** Facts that people enter of shipment 1 and stock 5; some contradict each other. */
function people(noise: Noise): NewFact[] {
  const { uniform } = noise;
  const minute = () => Math.round(uniform() * 1_200) * 1_000;
  const facts = [say("created", { stage: pick(noise, ["production", "storage"] as const), locationId: HUB }, -1)];
  if (uniform() < 0.8)
    facts.push(say("loaded", { vehicleId: 7, locationId: pick(noise, [null, HUB, PLANT]) }, minute()));
  if (uniform() < 0.3) facts.push(say("unloaded", { locationId: pick(noise, [PLANT, HUB, SHOP]) }, minute()));
  if (uniform() < 0.3)
    facts.push(
      say("proof", { name: "R. Cipient", note: null, outcome: pick(noise, ["delivered", "refused"]) }, minute()),
    );
  if (uniform() < 0.2)
    facts.push(say("manual", { status: "in_storage", stage: "storage", locationId: PLANT }, minute()));
  if (uniform() < 0.3)
    facts.push(say("seen", { locationId: PLANT, direction: pick<Direction>(noise, ["in", "out"]) }, minute(), "tag:x"));
  if (uniform() < 0.3) facts.push(say("counted", { quantity: 30, source: "person" }, minute(), "stock:5"));
  if (uniform() < 0.5) facts.push(say("adjusted", { delta: -2, reason: "picked" }, minute(), "stock:5"));
  return facts;
}

function say<T extends FactType>(type: T, data: FactData[T], at: number, subject = "shipment:1"): NewFact {
  const key = `person:${type}:${at}`;
  // The signature pairs type and data; the union type cannot express that.
  return { key, subject, at, type, data, rule: "person", evidence: [], confidence: 1 } as unknown as NewFact;
}
