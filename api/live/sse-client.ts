import { type LiveEvent, sseFrame } from "./event-buffer.ts";
import type { Frame, StreamView } from "./stream-view.ts";
import type { Topic } from "./topics.ts";

/** A client with this many unread bytes is disconnected; it reconnects with Last-Event-ID and slows nobody down. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Events that a viewer with limits may wait for, at most: more than are kept for resuming. */
const MAX_WAITING = 20_000;
/** Events that are filtered by one query per topic. */
const FILTERED_AT_ONCE = 50;
/** Time after which a disconnected client should reconnect, milliseconds. */
const RETRY_MS = 2000;

const PING = new TextEncoder().encode(": ping\n\n");
const RETRY = new TextEncoder().encode(`retry: ${RETRY_MS}\n\n`);

/** What the stream has done since the start of this process. */
export interface StreamCounts {
  events: number;
  frames: number;
  bytes: number;
  resumed: number;
  resets: number;
  /** clients that were disconnected because they did not read */
  slow: number;
}

/** One client of the live stream: a queue of server-sent events with a limit. */
export class SseClient {
  readonly stream: ReadableStream<Uint8Array>;
  readonly topics: ReadonlySet<Topic>;
  readonly #view: StreamView;
  readonly #counts: StreamCounts;
  /** events that are not filtered yet */
  #waiting: LiveEvent[] = [];
  #isFiltering = false;
  readonly #closeListeners: (() => void)[] = [];
  #onTooSlow: () => void = () => undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(topics: ReadonlySet<Topic>, view: StreamView, counts: StreamCounts) {
    this.topics = topics;
    this.#view = view;
    this.#counts = counts;
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
    if (!this.topics.has(event.topic)) return;
    const { filter } = this.#view;
    if (filter === undefined) return this.#sendFrame(this.#view.frameOf(event));
    if (this.#controller === undefined) return;
    this.#waiting.push(event);
    if (this.#waiting.length > MAX_WAITING) return this.close();
    if (this.#isFiltering) return;
    this.#isFiltering = true;
    // Without an answer nothing may be sent: the viewer reconnects, and resumes where it was.
    this.#sendWaiting(filter).catch(() => this.close());
  }

  async #sendWaiting(filter: NonNullable<StreamView["filter"]>): Promise<void> {
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, FILTERED_AT_ONCE);
      for (const frame of await this.#view.framesWithin(events, filter)) this.#sendFrame(frame);
    }
    this.#isFiltering = false;
  }

  #sendFrame(frame: Frame): void {
    if (frame === undefined || this.#controller === undefined) return;
    this.#counts.frames += 1;
    this.#counts.bytes += frame.length;
    this.#write(frame);
  }

  /** Sends the server's time. @param lastId the event up to which the client is current; undefined when events follow */
  hello(nowMs: number, lastId: number | undefined): void {
    this.#write(sseFrame("hello", { server_time: new Date(nowMs) }, lastId));
  }

  /** Tells the client to read everything again, as the events it missed are not available. */
  reset(lastId: number): void {
    this.#waiting = [];
    this.#counts.resets += 1;
    this.#write(sseFrame("reset", {}, lastId));
  }

  /** Whether more than half of what may be unread is unread. */
  get isBehind(): boolean {
    if (this.#controller === undefined) return false;
    return this.#waiting.length > FILTERED_AT_ONCE || (this.#controller.desiredSize ?? 0) < MAX_BUFFERED_BYTES / 2;
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

  /** Calls `listener` when the client was disconnected because it left too much unread. */
  onTooSlow(listener: () => void): void {
    this.#onTooSlow = listener;
  }

  #notifyClosed(): void {
    this.#waiting = [];
    for (const listener of this.#closeListeners.splice(0)) listener();
  }

  #write(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
    if (this.#controller === undefined || (this.#controller.desiredSize ?? 0) > 0) return;
    this.#counts.slow += 1;
    this.close();
    this.#onTooSlow();
  }
}
