import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { orderOf, type Quality, type Sample } from "../signals/signal-rule.ts";
import { type Checkpoint, detect } from "../signals/window.ts";
import type { Followed } from "../stores/caches/device-states.ts";
import type { StoredReading, StoredReadings } from "../stores/queries/stored-readings.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import {
  GPS_TRACK,
  SCALE_TRACK,
  type Signal,
  signalName,
  TAG_TRACK,
  type Track,
  type TrackedKind,
} from "../pipeline/signal-kinds.ts";

/** A signal followed once more, from stored readings, in the order of measurement. */
export interface Derivation {
  /** everything concluded so far, and up to `agreedAt` only when the rule came to know what it knew then */
  facts: NewFact[];
  judged: { arrival: StoredReading; quality: Quality }[];
  checkpoints: Checkpoint<unknown>[];
  followed: Followed<Sample, unknown>;
  /** the last reading taken; where it began when there was none */
  place: Sample | null;
  taken: number;
  agreedAt: number | undefined;
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
type AnyTrack = Track<TrackedKind, Sample, unknown, unknown>;

const TRACKS = { gps: GPS_TRACK, scale: SCALE_TRACK, rfid: TAG_TRACK } as unknown as Record<TrackedKind, AnyTrack>;

/** Begins to follow `signal` again. Writes nothing. */
export function beginDerivation({ stored, signal, registry, from, later }: DerivationOptions): Derivation {
  const { rule, sampleOf, contextOf } = TRACKS[signal.kind];
  const context = contextOf(signal, registry);
  const known = new Map(
    later.map((checkpoint) => [`${checkpoint.ts} ${checkpoint.seq}`, JSON.stringify(checkpoint.state)]),
  );
  const base = from?.state ?? rule.initial;
  const newestInBase = from ? orderOf(from) : null;
  const derivation: Derivation = {
    facts: [],
    judged: [],
    checkpoints: [],
    followed: { window: { base, newestInBase, samples: [] }, head: base },
    place: newestInBase,
    taken: 0,
    agreedAt: undefined,
    async advance(client) {
      while (derivation.agreedAt === undefined) {
        const readings = await stored.read(client, signal, derivation.place, PAGE);
        if (readings.length === 0) return;
        take(readings);
        if (readings.length < PAGE) return;
      }
    },
  };

  function take(readings: readonly StoredReading[]): void {
    const samples = readings.map((reading) => sampleOf(reading as Parameters<typeof sampleOf>[0]));
    const { window, head } = derivation.followed;
    const result = detect(rule, window, head, samples, context);
    const readingOf = new Map(samples.map((sample, index) => [sample, readings[index]!]));
    derivation.followed = { window: result.window, head: result.current };
    derivation.facts.push(...result.added.map((fact) => ({ ...fact, signal: signalName(signal) })));
    derivation.judged.push(
      ...result.qualities.map(({ sample, quality }) => ({ arrival: readingOf.get(sample)!, quality })),
    );
    derivation.checkpoints.push(...result.checkpoints);
    derivation.place = samples.at(-1)!;
    derivation.taken += samples.length;
    const agreed = result.checkpoints.find(({ ts, seq, state }) => known.get(`${ts} ${seq}`) === JSON.stringify(state));
    if (agreed) endAt(agreed.ts);
  }

  /** What was concluded beyond stands already. */
  function endAt(ts: number): void {
    derivation.agreedAt = ts;
    derivation.facts = derivation.facts.filter(({ concludedAt }) => concludedAt! <= ts);
    derivation.judged = derivation.judged.filter(({ arrival }) => arrival.ts <= ts);
    derivation.checkpoints = derivation.checkpoints.filter((checkpoint) => checkpoint.ts <= ts);
  }

  return derivation;
}
