import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { orderOf, type Quality, type Sample } from "../signals/signal-rule.ts";
import { type Checkpoint, detect } from "../signals/window.ts";
import type { SignalState } from "../stores/caches/device-states.ts";
import type { StoredReading, StoredReadings } from "../stores/queries/stored-readings.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import {
  GPS_SIGNAL,
  SCALE_SIGNAL,
  type Signal,
  signalName,
  TAG_SIGNAL,
  type SignalDefinition,
  type SignalKind,
} from "../pipeline/signal-kinds.ts";

/** A signal followed once more, from stored readings, in the order of measurement. */
export interface Derivation {
  /** everything concluded so far, and up to `agreedAt` only when the rule came to know what it knew then */
  facts: NewFact[];
  qualities: { reading: StoredReading; quality: Quality }[];
  checkpoints: Checkpoint<unknown>[];
  signalState: SignalState<Sample, unknown>;
  /** the last reading taken; where it began when there was none */
  last: Sample | null;
  readingCount: number;
  convergedAt: number | undefined;
  /** takes the readings that are stored behind `place`, until there are no more or the rule agrees with what it knew */
  advance(client: Pool | PoolClient): Promise<void>;
}

export interface DerivationOptions {
  stored: StoredReadings;
  signal: Signal;
  registry: Registry;
  /** what the rule knew before; undefined: from the first reading */
  from: Checkpoint<unknown> | undefined;
  /** what it knew later: once it knows the same again at one of these, everything after is as it was */
  later: readonly Checkpoint<unknown>[];
}

const PAGE = 5_000;

/** The rules differ in what they remember; whoever derives only passes it on. */
type AnySignalDefinition = SignalDefinition<SignalKind, Sample, unknown, unknown>;

const DEFINITIONS = { gps: GPS_SIGNAL, scale: SCALE_SIGNAL, rfid: TAG_SIGNAL } as unknown as Record<
  SignalKind,
  AnySignalDefinition
>;

/** Begins to follow `signal` again. Writes nothing. */
export function startDerivation({ stored, signal, registry, from, later }: DerivationOptions): Derivation {
  const { rule, sampleOf, contextOf } = DEFINITIONS[signal.kind];
  const context = contextOf(signal, registry);
  const known = new Map(
    later.map((checkpoint) => [`${checkpoint.ts} ${checkpoint.seq}`, JSON.stringify(checkpoint.state)]),
  );
  const base = from?.state ?? rule.initial;
  const newestInBase = from ? orderOf(from) : null;
  const derivation: Derivation = {
    facts: [],
    qualities: [],
    checkpoints: [],
    signalState: { window: { base, newestInBase, samples: [] }, current: base },
    last: newestInBase,
    readingCount: 0,
    convergedAt: undefined,
    async advance(client) {
      while (derivation.convergedAt === undefined) {
        const readings = await stored.read(client, signal, derivation.last, PAGE);
        if (readings.length === 0) return;
        addReadings(readings);
        if (readings.length < PAGE) return;
      }
    },
  };

  function addReadings(readings: readonly StoredReading[]): void {
    const samples = readings.map((reading) => sampleOf(reading as Parameters<typeof sampleOf>[0]));
    const { window, current } = derivation.signalState;
    const result = detect(rule, window, current, samples, context);
    const readingOf = new Map(samples.map((sample, index) => [sample, readings[index]!]));
    derivation.signalState = { window: result.window, current: result.current };
    derivation.facts.push(...result.added.map((fact) => ({ ...fact, signal: signalName(signal) })));
    derivation.qualities.push(
      ...result.qualities.map(({ sample, quality }) => ({ reading: readingOf.get(sample)!, quality })),
    );
    derivation.checkpoints.push(...result.checkpoints);
    derivation.last = samples.at(-1)!;
    derivation.readingCount += samples.length;
    const agreed = result.checkpoints.find(({ ts, seq, state }) => known.get(`${ts} ${seq}`) === JSON.stringify(state));
    if (agreed) truncateAt(agreed.ts);
  }

  /** What was concluded beyond stands already. */
  function truncateAt(ts: number): void {
    derivation.convergedAt = ts;
    derivation.facts = derivation.facts.filter(({ concludedAt }) => concludedAt! <= ts);
    derivation.qualities = derivation.qualities.filter(({ reading }) => reading.ts <= ts);
    derivation.checkpoints = derivation.checkpoints.filter((checkpoint) => checkpoint.ts <= ts);
  }

  return derivation;
}
