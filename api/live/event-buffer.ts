import { TOPICS, type Topic } from "./topics.ts";

/** One event of the live stream, serialised once for all clients. */
export interface LiveEvent {
  id: number;
  /** monotonic clock, milliseconds */
  at: number;
  topic: Topic;
  frame: Uint8Array;
  /** of topic `positions`: for clients that asked for a part of the map */
  positions: readonly Positioned[];
}

export interface Positioned {
  lat: number;
  lon: number;
}

const MAX_EVENTS = 10_000;
/** Age up to which events are kept for clients that reconnect, milliseconds. */
export const MAX_AGE_MS = 5 * 60_000;
/** Limit of memory: large events push old ones out before there are 10,000. */
const MAX_BYTES = 64 * 1024 * 1024;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A server-sent event (HTML Living Standard §9.2.5). JSON has no raw line breaks, so one data line is enough. */
export function sseFrame(event: string, data: unknown, id?: number): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The resources in a frame of `sseFrame`. */
export function rowsOf(frame: Uint8Array): object[] {
  const text = decoder.decode(frame);
  return JSON.parse(text.slice(text.indexOf("\ndata: ") + "\ndata: ".length)) as object[];
}

/** Keeps the newest events for clients that reconnect with Last-Event-ID. */
export class EventBuffer {
  #events: LiveEvent[] = [];
  #bytes = 0;
  #last: number;
  /** events up to this id are not kept any more */
  #droppedUntil: number;
  /** the newest id at which a change of a topic was not kept */
  readonly #gaps = new Map<string, number>();

  /** Ids count up from the start time, so ids of another process or an earlier run are not mistaken for this one's. */
  constructor(startedAtMs: number) {
    this.#last = startedAtMs * 1000;
    this.#droppedUntil = this.#last;
  }

  get last(): number {
    return this.#last;
  }

  add(topic: Topic, data: readonly unknown[], nowMs: number): LiveEvent {
    const id = (this.#last += 1);
    const positions = topic === "positions" ? (data as readonly Positioned[]) : [];
    const event = { id, at: nowMs, topic, frame: sseFrame(topic, data, id), positions };
    this.#events.push(event);
    this.#bytes += event.frame.length;
    let expired = 0;
    while (this.#isExpired(expired, nowMs)) this.#bytes -= this.#events[expired++]!.frame.length;
    if (expired > 0) {
      this.#droppedUntil = this.#events[expired - 1]!.id;
      this.#events = this.#events.slice(expired);
    }
    return event;
  }

  #isExpired(at: number, nowMs: number): boolean {
    const event = this.#events[at];
    if (event === undefined || at === this.#events.length - 1) return false;
    return this.#events.length - at > MAX_EVENTS || event.at < nowMs - MAX_AGE_MS || this.#bytes > MAX_BYTES;
  }

  /** A change of a topic is not kept, because nobody follows it: who follows it later cannot resume from before. */
  skip(topic: string): void {
    this.#gaps.set(topic, (this.#last += 1));
  }

  /** Events after `id`; undefined when some of these topics were dropped, or `id` is not from this process. */
  after(id: number, topics: ReadonlySet<Topic>): readonly LiveEvent[] | undefined {
    if (!Number.isSafeInteger(id) || id > this.#last || id < this.#droppedUntil) return undefined;
    for (const topic of topics) if ((this.#gaps.get(topic) ?? 0) > id) return undefined;
    return this.#events.filter((event) => event.id > id);
  }

  /** Drops all events, so that no earlier id can be resumed. */
  clear(): void {
    this.#events = [];
    this.#bytes = 0;
    this.#droppedUntil = this.#last += 1;
  }
}

export const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);
