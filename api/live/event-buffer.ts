import { TOPICS, type Topic } from "./topics.ts";

/** One event of the live stream, serialised once for all clients. */
export interface LiveEvent {
  id: number;
  /** epoch milliseconds */
  at: number;
  topic: Topic;
  frame: Uint8Array;
  /** of topic `positions`: for clients that asked for a part of the map */
  positions: readonly Positioned[];
}

interface Positioned {
  lat: number;
  lon: number;
}

const MAX_EVENTS = 10_000;
/** Age up to which events are kept for clients that reconnect, milliseconds. */
export const MAX_AGE_MS = 5 * 60_000;
/** Limit of memory: large events push old ones out before there are 10,000. */
const MAX_BYTES = 64 * 1024 * 1024;

const encoder = new TextEncoder();

/** A server-sent event (HTML Living Standard §9.2.5). JSON has no raw line breaks, so one data line is enough. */
export function sseFrame(event: string, data: unknown, id?: number): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return encoder.encode(`${idLine}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Keeps the newest events for clients that reconnect with Last-Event-ID. */
export class EventBuffer {
  #events: LiveEvent[] = [];
  #bytes = 0;
  #last: number;

  /** Ids count up from the start time, so ids of another process or an earlier run are not mistaken for this one's. */
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
    let expired = 0;
    while (this.#isExpired(expired, nowMs)) this.#bytes -= this.#events[expired++]!.frame.length;
    if (expired > 0) this.#events = this.#events.slice(expired);
    return event;
  }

  #isExpired(at: number, nowMs: number): boolean {
    const event = this.#events[at];
    if (event === undefined || at === this.#events.length - 1) return false;
    return this.#events.length - at > MAX_EVENTS || event.at < nowMs - MAX_AGE_MS || this.#bytes > MAX_BYTES;
  }

  /** Events after `id`; undefined when some of them were dropped, or `id` is not from this process. */
  after(id: number): LiveEvent[] | undefined {
    const first = this.#events[0]?.id ?? this.#last + 1;
    if (!Number.isSafeInteger(id) || id > this.#last || id < first - 1) return undefined;
    return this.#events.slice(id - first + 1);
  }

  /** Drops all events, so that no earlier id can be resumed. */
  clear(): void {
    this.#events = [];
    this.#bytes = 0;
    this.#last += 1;
  }
}

export const isTopic = (text: string): text is Topic => (TOPICS as readonly string[]).includes(text);
