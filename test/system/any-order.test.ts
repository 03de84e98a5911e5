import { expect, test, vi } from "vitest";
import type { NewFact, Stage } from "../../ingest/domain/fact.ts";
import { createFenceIndex } from "../../ingest/domain/geo/fence-index.ts";
import type { Place } from "../../ingest/domain/place.ts";
import { foldShipment } from "../../ingest/domain/shipment/shipment.ts";
import { EMPTY_STOCK, type StockState } from "../../ingest/domain/stock/state.ts";
import { foldStock, isNewest } from "../../ingest/domain/stock/stock.ts";
import { positionRule } from "../../ingest/signals/position.ts";
import { compareSamples, type SignalRule, type Sample } from "../../ingest/signals/signal-rule.ts";
import { scaleCountRule } from "../../ingest/signals/scale-count.ts";
import { tagPresenceRule } from "../../ingest/signals/tag-presence.ts";
import {
  emptyWindow,
  currentState,
  MAX_WINDOW_SAMPLES,
  REORDER_WINDOW_MS,
  detect,
  type SignalWindow,
} from "../../ingest/signals/window.ts";
import { packPositions, unpackPositions } from "../../ingest/stores/encoding/packed-positions.ts";
import { packWindow, unpackWindow } from "../../ingest/stores/encoding/packed-window.ts";
import { type Day, generateDay, HUB, placeAt, PLANT, SHOP } from "../ingest/signals/generated-day.ts";
import { createNoise } from "../ingest/signals/noise.ts";

// Not a limit of what is tested: a busy machine takes longer for the same.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** How many generated days, and the first: a long run may be split. */
const SEQUENCES = Number(process.env["DAYS"] ?? (process.env["LONG"] === "1" ? 100_000 : 2_500));
const FIRST = Number(process.env["FIRST_DAY"] ?? 1);

const fences = createFenceIndex(
  [PLANT, HUB, SHOP].map((id) => ({ locationId: id, fence: { shape: "circle", centre: placeAt(id), radiusM: 200 } })),
);
const stages: readonly [number, Stage][] = [
  [PLANT, "production"],
  [HUB, "storage"],
  [SHOP, "delivery"],
];
const places = new Map(stages.map(([id, stage]): [number, Place] => [id, { id, stage, hasGeofence: true }]));
const antennas = { 1: "inside", 2: "outside" } as const;
const truck = { deviceId: "truck", fences, vehicleAt: () => ({ vehicleId: 7 }) };
const hub = { deviceId: "hub", tag: "x", readPointAt: () => ({ locationId: HUB, antennas }) };
const shop = { deviceId: "shop", tag: "x", readPointAt: () => ({ locationId: SHOP, antennas: {} }) };
const scale = { deviceId: "scale", shelfAt: () => ({ stockId: 5, unitWeightGrams: 250, tareGrams: 1000 }) };

/** How a device's readings arrive: in batches, with restarts of the worker before some of them. */
interface Delivery<S extends Sample> {
  batches: S[][];
  restartBefore: ReadonlySet<number>;
}

interface Derived {
  facts: string[];
  shipment: string;
  stock: string;
}

test(
  `${SEQUENCES} days end in the same facts, stages and stock however their readings arrive`,
  { timeout: 900_000 },
  () => {
    for (let seed = FIRST; seed < FIRST + SEQUENCES; seed += 1) {
      const day = generateDay(seed);
      const truth = derive(day, inOrder);
      const { uniform } = createNoise(seed ^ 0x5eed);
      const otherwise = derive(day, (samples) => disturbed(samples, uniform), uniform);
      expect(otherwise, `day ${seed}`).toEqual(truth);
    }
  },
);

function derive(
  day: Day,
  deliver: <S extends Sample>(samples: readonly S[]) => Delivery<S>,
  uniform?: () => number,
): Derived {
  const detected = [
    ...follow(positionRule, truck, deliver(day.fixes), storedPositions),
    ...follow(tagPresenceRule, hub, deliver(day.reads.hub)),
    ...follow(tagPresenceRule, shop, deliver(day.reads.shop)),
    ...follow(scaleCountRule, scale, deliver(day.weights)),
  ];
  const known = [...day.entered, ...detected];
  if (uniform) shuffle(known, uniform);
  const stock = known.filter(({ subject }) => subject === "stock:5");
  return {
    facts: detected.map((fact) => JSON.stringify(fact)).sort(),
    shipment: JSON.stringify(foldShipment(known, { destinationId: SHOP, places })),
    stock: JSON.stringify(foldIncrementally(stock)),
  };
}

/** As the worker does: the newest fact is folded on top, any other means folding again from the start. */
function foldIncrementally(facts: readonly NewFact[]): StockState {
  let state = EMPTY_STOCK;
  facts.forEach((fact, i) => {
    state = isNewest(state, fact)
      ? foldStock(state, [fact], { governing: "scale" })
      : foldStock(EMPTY_STOCK, facts.slice(0, i + 1), { governing: "scale" });
  });
  return state;
}

function inOrder<S extends Sample>(samples: readonly S[]): Delivery<S> {
  return { batches: [...samples].sort(compareSamples).map((sample) => [sample]), restartBefore: new Set() };
}

/** Out of order within the window, one in ten twice, in batches of any size. */
function disturbed<S extends Sample>(samples: readonly S[], uniform: () => number): Delivery<S> {
  const ordered = [...samples].sort(compareSamples);
  const delayMs = Math.min(REORDER_WINDOW_MS, shortestSpanMs(ordered, MAX_WINDOW_SAMPLES / 2));
  const arriving = ordered
    .flatMap((sample) => (uniform() < 0.1 ? [sample, sample] : [sample]))
    .map((sample) => ({ sample, at: sample.ts + uniform() * delayMs }))
    .sort((a, b) => a.at - b.at);
  const batches: S[][] = [];
  for (let from = 0; from < arriving.length;) {
    const size = 1 + Math.floor(uniform() * 8);
    batches.push(arriving.slice(from, from + size).map(({ sample }) => sample));
    from += size;
  }
  return { batches, restartBefore: new Set([...batches.keys()].filter(() => uniform() < 0.1)) };
}

/** The longest delay at which the window still has room for the samples that overtake. */
function shortestSpanMs(samples: readonly Sample[], count: number): number {
  const spans = samples.slice(count).map(({ ts }, i) => ts - samples[i]!.ts);
  return Math.min(...spans);
}

function follow<S extends Sample, State, Context>(
  rule: SignalRule<S, State, Context>,
  context: Context,
  { batches, restartBefore }: Delivery<S>,
  stored: (window: SignalWindow<S, State>) => SignalWindow<S, State> = storedWindow,
): NewFact[] {
  let window = emptyWindow(rule);
  let current = window.base;
  const facts = new Map<string, NewFact>();
  const seen = new Set<S>();
  batches.forEach((batch, i) => {
    if (restartBefore.has(i)) {
      window = stored(window);
      current = currentState(rule, window, context);
    }
    // Duplicates are removed before detection.
    const fresh = [...new Set(batch)].filter((sample) => !seen.has(sample));
    fresh.forEach((sample) => seen.add(sample));
    const detected = detect(rule, window, current, fresh, context);
    if (detected.late.length > 0) throw new Error("a generated delay was longer than the window");
    for (const { key } of detected.withdrawn) facts.delete(key);
    for (const fact of detected.added) facts.set(fact.key, fact);
    ({ window, current } = detected);
  });
  return [...facts.values()];
}

/** Packed and unpacked, as after a restart. */
function storedWindow<S extends Sample, State>(window: SignalWindow<S, State>): SignalWindow<S, State> {
  return unpackWindow(JSON.parse(JSON.stringify(packWindow(window))) as ReturnType<typeof packWindow<S, State>>);
}

function storedPositions(window: Parameters<typeof packPositions>[0]): ReturnType<typeof unpackPositions> {
  return unpackPositions(packPositions(window));
}

function shuffle(values: unknown[], uniform: () => number): void {
  for (let i = values.length - 1; i > 0; i -= 1) {
    const j = Math.floor(uniform() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
