import { type LiveEvent, type Positioned, rowsOf, sseFrame } from "./event-buffer.ts";
import type { EventFilter } from "./limited-views.ts";
import type { Topic } from "./topics.ts";

/** A part of the map, degrees; west of east, unless it lies across the 180th meridian (RFC 7946 §5.2). */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

function isWithin({ lat, lon }: Positioned, { west, south, east, north }: Box): boolean {
  if (lat < south || lat > north) return false;
  return west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
}

/** An order as viewers read it whose role is not told all of it. */
type OrderAs = (order: object) => object;

/** What viewers get of an event; undefined: nothing of it is for them. */
export type Frame = Uint8Array | undefined;

/**
 * What all viewers with the same rights and the same part of the map get. Each frame is made once for all of them: who
 * sees everything gets the bytes of the event itself.
 */
export class StreamView {
  readonly #within: Box | undefined;
  readonly #frames = new WeakMap<LiveEvent, { frame: Frame }>();
  /** by the answer of the filter, which viewers with the same limits share for a moment */
  readonly #visibleFrames = new WeakMap<readonly object[], { frame: Frame }>();
  /** tells what viewers with limits may see; undefined: everything */
  readonly filter: EventFilter | undefined;
  readonly #orderAs: OrderAs | undefined;

  constructor(within?: Box, filter?: EventFilter, orderAs?: OrderAs) {
    this.#within = within;
    this.filter = filter;
    this.#orderAs = orderAs;
  }

  /** The frame of an event for viewers without limits. */
  frameOf(event: LiveEvent): Frame {
    const { topic, positions, frame } = event;
    const isOther = topic === "positions" ? this.#within : topic === "orders" && this.#orderAs;
    if (!isOther) return frame;
    let known = this.#frames.get(event);
    if (!known) {
      const rows = topic === "positions" ? positions : rowsOf(frame);
      known = { frame: frameOfRows(event, this.#shown(topic, rows)) };
      this.#frames.set(event, known);
    }
    return known.frame;
  }

  /** The frames of events for viewers with limits: what they may see now. @throws when Postgres cannot be asked */
  async framesWithin(events: readonly LiveEvent[], filter: EventFilter): Promise<readonly Frame[]> {
    const visible = await filter(events);
    return events.map((event) => {
      const rows = visible.get(event.id) ?? [];
      const known = this.#visibleFrames.get(rows);
      if (known) return known.frame;
      const frame = frameOfRows(event, this.#shown(event.topic, rows));
      this.#visibleFrames.set(rows, { frame });
      return frame;
    });
  }

  /** Rows that these viewers may see, as they are sent to them. */
  #shown(topic: Topic, rows: readonly object[]): readonly object[] {
    if (topic === "positions" && this.#within) return inBox(rows, this.#within);
    return topic === "orders" && this.#orderAs ? rows.map(this.#orderAs) : rows;
  }
}

const inBox = (rows: readonly object[], box: Box): readonly object[] =>
  (rows as readonly Positioned[]).filter((row) => isWithin(row, box));

const frameOfRows = ({ topic, id }: LiveEvent, rows: readonly object[]): Frame =>
  rows.length > 0 ? sseFrame(topic, rows, id) : undefined;
