import { type LiveEvent, sseFrame } from "./event-buffer.ts";
import type { Topic } from "./topics.ts";

/** A client with this many unread bytes is disconnected; it reconnects with Last-Event-ID and slows nobody down. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Time after which a disconnected client should reconnect, milliseconds. */
const RETRY_MS = 2000;

const PING = new TextEncoder().encode(": ping\n\n");
const RETRY = new TextEncoder().encode(`retry: ${RETRY_MS}\n\n`);

/** A part of the map, degrees; west of east, unless it lies across the 180th meridian (RFC 7946 §5.2). */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

function isWithin({ lat, lon }: { lat: number; lon: number }, { west, south, east, north }: Box): boolean {
  if (lat < south || lat > north) return false;
  return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
}

/** One client of the live stream: a queue of server-sent events with a limit. */
export class SseClient {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #topics: ReadonlySet<Topic>;
  readonly #within: Box | undefined;
  readonly #closeListeners: (() => void)[] = [];
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(topics: ReadonlySet<Topic>, within: Box | undefined) {
    this.#topics = topics;
    this.#within = within;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#controller = undefined;
          this.#notifyClosed();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFERED_BYTES }),
    );
    this.#write(RETRY);
  }

  send(event: LiveEvent): void {
    if (!this.#topics.has(event.topic)) return;
    const box = this.#within;
    if (box === undefined || event.topic !== "positions") return this.#write(event.frame);
    const positions = event.positions.filter((position) => isWithin(position, box));
    if (positions.length > 0) this.#write(sseFrame(event.topic, positions, event.id));
  }

  /** Sends the server's time. @param lastId the event up to which the client is current; undefined when events follow */
  hello(nowMs: number, lastId: number | undefined): void {
    this.#write(sseFrame("hello", { server_time: new Date(nowMs) }, lastId));
  }

  /** Tells the client to read everything again, as the events it missed are not available. */
  reset(lastId: number): void {
    this.#write(sseFrame("reset", {}, lastId));
  }

  ping(): void {
    this.#write(PING);
  }

  /** Ends the stream from the server's side. */
  close(): void {
    const controller = this.#controller;
    this.#controller = undefined;
    controller?.close();
    this.#notifyClosed();
  }

  /** Calls `listener` once when either side ends the stream; at once if it has ended already. */
  onClosed(listener: () => void): void {
    if (this.#controller) this.#closeListeners.push(listener);
    else listener();
  }

  #notifyClosed(): void {
    for (const listener of this.#closeListeners.splice(0)) listener();
  }

  #write(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
    if (this.#controller && (this.#controller.desiredSize ?? 0) <= 0) this.close();
  }
}
