/**
 * The journal is the platform's promise: what `append` has resolved for is on this node's disk and will be read by
 * every consumer, in order, whatever dies next. Consumers remember a `Position` of their own, in the same store and
 * the same statement as what they did with the frame, so a crash can neither skip a frame nor apply it twice.
 */

/** One accepted MQTT publish (or its HTTP equivalent). */
export interface JournalMessage {
  /** epoch milliseconds at which the broker read it from the socket */
  receivedAt: number;
  /** the authenticated principal: the device's id, or a service account's */
  clientId: string;
  topic: string;
  payload: Buffer;
}

/** A place between two frames. Ordered by segment, then offset; segments never repeat within one journal id. */
export interface Position {
  segment: number;
  /** byte offset in the segment's file; 0 is its start */
  offset: number;
}

/** Everything accepted since the flush before, in order of receipt. */
export interface Frame {
  /** where the next frame begins: the cursor once this frame's effects are committed */
  next: Position;
  /**
   * Counts frames over the journal's whole life; a jump means frames were lost to damage. A number may come a second
   * time with other content only where the first was never acknowledged and its bytes are gone.
   */
  sequence: number;
  /** their payloads share one large buffer: copy what is kept for long */
  messages: JournalMessage[];
}

/** Why a stretch of a segment could not be read. Reported once, set aside, and skipped. */
export interface Corruption {
  segment: number;
  fromOffset: number;
  toOffset: number;
  reason: string;
}

export type JournalState = "ready" | "full" | "failing";

/** The broker's side. One writer per data directory, held by a lock. */
export interface JournalWriter {
  readonly id: string;
  readonly state: JournalState;
  /** the cause in words while the state is not `ready` */
  readonly failureReason: string | undefined;
  /** least milliseconds between two flushes while consumers are far behind; 0 in ordinary operation */
  readonly ackThrottle: { readonly delayMs: number };
  /**
   * Calls `done(null)` once the message is on disk (write and fdatasync), in order of append; `done(error)` when it is
   * not and never will be. Groups everything appended while a flush runs into the next one.
   */
  append(message: JournalMessage, done: (error: Error | null) => void): void;
  /** messages and payload bytes appended and not yet on disk */
  pending(): { messages: number; bytes: number };
  /** bytes in all segments */
  size(): number;
  close(): Promise<void>;
}

/**
 * A consumer's side, usually in another process. It keeps one place in the files, so each cursor has a reader of its own,
 * and `read` is called again only after the call before has returned.
 */
export interface JournalReader {
  readonly id: string;
  /** the oldest position that can still be read */
  oldest(): Promise<Position>;
  /**
   * Reads whole frames from `from` until about `maxBytes`, without waiting: an empty array means caught up.
   * `from` in a segment that is gone, or past a torn end, moves on to the next one; one beyond the journal's newest
   * segment throws `CursorBeyondJournal`.
   */
  read(from: Position, maxBytes: number): Promise<Frame[]>;
  /** bytes between `from` and the end */
  lag(from: Position): Promise<number>;
  /** deletes the segments that lie wholly before `before`, never the newest; a damaged one is renamed `….damaged` */
  trim(before: Position): Promise<void>;
  /** called once for each damaged stretch met */
  onCorruption(listener: (damage: Corruption) => void): void;
  close(): Promise<void>;
}

/** A cursor stands behind the journal's end: its files are older than the consumer's store, or some were deleted. */
export class CursorBeyondJournal extends Error {}
