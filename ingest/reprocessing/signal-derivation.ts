import type { SignalKind } from "../domain/reading-kinds.ts";
import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { orderOf, type Quality, type Sample } from "../signals/signal-rule.ts";
import { type Checkpoint, detect } from "../signals/window.ts";
import type { StoredReading, StoredReadings } from "../stores/queries/stored-readings.ts";
import {
  GPS_SIGNAL,
  SCALE_SIGNAL,
  type Signal,
  signalName,
  TAG_SIGNAL,
  type SignalDefinition,
  VEHICLE_SIGNAL,
} from "../pipeline/signal-kinds.ts";
import type { SignalState } from "../stores/encoding/device-state.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** A signal derived again from stored readings, in the order of measurement. */
export interface Derivation {
  /** all facts so far; after convergence only those concluded up to `convergedAt` */
  facts: NewFact[];
  qualities: { reading: StoredReading; quality: Quality }[];
  checkpoints: Checkpoint<unknown>[];
  signalState: SignalState<Sample, unknown>;
  /** the last reading processed; at first the checkpoint it started from, null for none */
  last: Sample | null;
  readingCount: number;
  /** the checkpoint whose state the rule has reached again (epoch milliseconds): everything later is already right */
  convergedAt: number | undefined;
  /** processes the stored readings after `last`, until there are no more or the derivation converges */
  advance(client: Pool | PoolClient): Promise<void>;
}

export interface DerivationOptions {
  stored: StoredReadings;
  signal: Signal;
  registry: DeviceRegistry;
  /** the checkpoint to start from; undefined: the first reading */
  from: Checkpoint<unknown> | undefined;
  /** recorded later checkpoints: the derivation has converged when it reaches the same state at one of them */
  later: readonly Checkpoint<unknown>[];
}

const PAGE = 5_000;

/** The state types of the rules differ; here they are only passed through. */
type AnySignalDefinition = SignalDefinition<SignalKind, Sample, unknown, unknown>;

const DEFINITIONS = {
  gps: GPS_SIGNAL,
  scale: SCALE_SIGNAL,
  rfid: TAG_SIGNAL,
  vehicle: VEHICLE_SIGNAL,
} as unknown as Record<SignalKind, AnySignalDefinition>;

/** Starts to derive `signal` again. It writes nothing. */
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
    const converged = result.checkpoints.find(
      ({ ts, seq, state }) => known.get(`${ts} ${seq}`) === JSON.stringify(state),
    );
    if (converged) truncateAt(converged.ts);
  }

  /** Drops results after `ts`: the recorded ones are the same. */
  function truncateAt(ts: number): void {
    derivation.convergedAt = ts;
    derivation.facts = derivation.facts.filter(({ concludedAt }) => concludedAt! <= ts);
    derivation.qualities = derivation.qualities.filter(({ reading }) => reading.ts <= ts);
    derivation.checkpoints = derivation.checkpoints.filter((checkpoint) => checkpoint.ts <= ts);
  }

  return derivation;
}
