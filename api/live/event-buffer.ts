import { TOPICS, type Topic } from "./topics.ts";

/** One event of the live stream, serialised once for all viewers. */
export interface LiveEvent {
  id: number;
  at: number;
  topic: Topic;
  frame: Uint8Array;
  /** of positions: what a viewer of a part of the map picks from */
  positions: readonly Positioned[];
}

interface Positioned {
  lat: number;
  lon: number;
}

const MAX_EVENTS = 10_000;
/** So long a viewer may be away and miss nothing, milliseconds. */
export const MAX_AGE_MS = 5 * 60_000;
/** Memory matters more than the promise of 10,000: large events push old ones out earlier. */
const MAX_BYTES = 64 * 1024 * 1024;

const encoder = new TextEncoder();

/** A server-sent event (HTML Living Standard §9.2.5). JSON has no raw line breaks, so one data line is enough. */
export function sseFrame(event: string, data: unknown, id?: number): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** The newest events, for viewers that come back. */
export class EventBuffer {
  #events: LiveEvent[] = [];
  #bytes = 0;
  #last: number;

  /** Ids start at the time of the start: those of another process or an earlier run are never taken for ours. */
  constructor(startedAtMs: number) {
    this.#last = startedAtMs * 1000;
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
    let gone = 0;
    while (this.#isOld(gone, nowMs)) this.#bytes -= this.#events[gone++]!.frame.length;
    if (gone > 0) this.#events = this.#events.slice(gone);
    return event;
  }

  #isOld(at: number, nowMs: number): boolean {
    const event = this.#events[at];
    if (event === undefined || at === this.#events.length - 1) return false;
    return this.#events.length - at > MAX_EVENTS || event.at < nowMs - MAX_AGE_MS || this.#bytes > MAX_BYTES;
  }

  /** Events after `id`; undefined when some of them are gone, or `id` is none of ours. */
  after(id: number): LiveEvent[] | undefined {
    const first = this.#events[0]?.id ?? this.#last + 1;
    if (!Number.isSafeInteger(id) || id > this.#last || id < first - 1) return undefined;
    return this.#events.slice(id - first + 1);
  }

  /** Forgets everything: what was missed cannot be told any more. */
  clear(): void {
    this.#events = [];
    this.#bytes = 0;
    this.#last += 1;
  }
}

export const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);
