import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import { decodeAlone, type DecodedBatch, type Sourced, sourcesOf } from "./decode.ts";
import type { Handover } from "./batch-cache.ts";
import { comparePositions } from "./journal-position.ts";
import type { Cursor } from "../stores/queries/cursor.ts";
import type { Registry, RegistryCache } from "../stores/caches/device-registry.ts";

/** Some whole frames of the journal that are taken at once. */
export interface Stretch {
  from: Position;
  /** where the next one begins */
  next: Cursor;
  /** sequence of the first frame */
  sequence: number;
  messages: readonly Sourced[];
  /** epoch milliseconds at which the last message was received */
  receivedUntil: number | undefined;
  /** what they say, where decoders need not remember anything for it; holds as long as the registry does */
  decoded: { batch: DecodedBatch; registry: Registry } | undefined;
}

/** One consumer's way through the journal, stretch by stretch. */
export interface Stretches {
  /** the stretch that begins at `from`; undefined: nothing has come yet */
  at(from: Position): Promise<Stretch | undefined>;
  /** only the first frame of it: to get past something that makes a longer stretch fail */
  frameAt(from: Position): Promise<Stretch | undefined>;
  /** begins to read and decode what follows `stretch`, while its consumer waits for a store */
  prepareAfter(stretch: Stretch): void;
  /** resolves when nothing is being read any more */
  settled(): Promise<void>;
}

/** About this much of the journal is taken at once: some thousand readings. */
const STRETCH_BYTES = 4 * 1024 * 1024;
/** After fewer messages than this nothing waits that could be prepared, and a look a little later finds more. */
const BUSY_MESSAGES = 500;

export interface StretchesOptions {
  journal: JournalReader;
  registry: Pick<RegistryCache, "last">;
  /** told of everything that is read */
  handover?: Handover | undefined;
}

export function openStretches({ journal, registry, handover }: StretchesOptions): Stretches {
  let ahead: Promise<Stretch | undefined> | undefined;

  async function read(from: Position, maxBytes = STRETCH_BYTES): Promise<Stretch | undefined> {
    const stretch = await readStretch(journal, from, maxBytes);
    const known = registry.last();
    const batch = stretch && known && decodeAlone(stretch.messages, known);
    if (batch) stretch.decoded = { batch, registry: known };
    handover?.offer(from, stretch);
    return stretch;
  }

  /** With what has come since it was prepared: else that would wait for two statements and not for one. */
  async function toppedUp(stretch: Stretch): Promise<Stretch> {
    const { from, next } = stretch;
    const room = STRETCH_BYTES - (next.segment === from.segment ? next.offset - from.offset : STRETCH_BYTES);
    const more = room < STRETCH_BYTES / 4 ? undefined : await read(next, room);
    // Frames that are missing between the two are for the consumer to see.
    return more?.sequence === next.sequence ? joined(stretch, more) : stretch;
  }

  return {
    async at(from) {
      const prepared = ahead;
      ahead = undefined;
      // A reader does one thing at a time, so it is waited for even when it read what nobody wants any more.
      const stretch = await prepared?.catch(() => undefined);
      return stretch !== undefined && comparePositions(stretch.from, from) === 0 ? toppedUp(stretch) : read(from);
    },
    async frameAt(from) {
      await ahead?.catch(() => undefined);
      ahead = undefined;
      return readStretch(journal, from, 1);
    },
    prepareAfter({ next, messages }) {
      if (ahead !== undefined || messages.length < BUSY_MESSAGES) return;
      ahead = read(next);
      // Whoever asks for it tries again.
      ahead.catch(() => undefined);
    },
    async settled() {
      await ahead?.catch(() => undefined);
    },
  };
}

/** @param maxBytes about how much of the journal */
async function readStretch(journal: JournalReader, from: Position, maxBytes: number): Promise<Stretch | undefined> {
  const frames = await journal.read(from, maxBytes);
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  return {
    from,
    next: { ...last.next, sequence: last.sequence + 1 },
    sequence: frames[0]!.sequence,
    messages: sourcesOf(journal.id, frames),
    receivedUntil: last.messages.at(-1)?.receivedAt,
    decoded: undefined,
  };
}

function joined(first: Stretch, second: Stretch): Stretch {
  const { from, sequence } = first;
  const [a, b] = [first.decoded, second.decoded];
  const decoded =
    a && b && a.registry === b.registry ? { batch: bothOf(a.batch, b.batch), registry: a.registry } : undefined;
  return { ...second, from, sequence, messages: first.messages.concat(second.messages), decoded };
}

function bothOf(a: DecodedBatch, b: DecodedBatch): DecodedBatch {
  return {
    arrivals: a.arrivals.concat(b.arrivals),
    quarantine: a.quarantine.concat(b.quarantine),
    raw: a.raw.concat(b.raw),
    decoderStates: new Map([...a.decoderStates, ...b.decoderStates]),
  };
}

/** The way of a second consumer: what the first hands over, or else what it reads by itself. */
export function followStretches(journal: JournalReader, first: Handover): Pick<Stretches, "at"> {
  return {
    async at(from) {
      const stretch = first.take(from);
      if (stretch !== undefined || first.isExpected(from)) return stretch;
      return readStretch(journal, from, Math.min(STRETCH_BYTES, first.bytesUntilOffer(from) ?? STRETCH_BYTES));
    },
  };
}
