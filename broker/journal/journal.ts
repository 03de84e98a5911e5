/**
 * The journal is the platform's promise: a message for which `append` has called `done(null)` is on this node's disk, and
 * every consumer will read it, in order, whichever process dies next. Each consumer stores its own `Position` in the same
 * statement as the effects of the frame, so a crash can neither skip a frame nor apply it twice.
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

/** Messages that were flushed together, in order of receipt. */
export interface Frame {
  /** where the next frame begins: the cursor once this frame's effects are committed */
  next: Position;
  /**
   * Counts frames over the journal's whole life. A gap means that frames were lost to corruption. A number can occur again
   * with other content only if the first frame was never acknowledged and its bytes are gone.
   */
  sequence: number;
  /** payloads share one large buffer: copy those that are kept for long */
  messages: JournalMessage[];
}

/** A range of a segment that cannot be read. It is reported once and skipped. */
export interface Corruption {
  segment: number;
  fromOffset: number;
  toOffset: number;
  reason: string;
}

export type JournalState = "ready" | "full" | "failing";

/** The broker's side. A lock ensures that each directory has one writer. */
export interface JournalWriter {
  readonly id: string;
  readonly state: JournalState;
  /** why the state is not `ready`, for people; undefined while it is */
  readonly failureReason: string | undefined;
  /** the least time between two flushes; above 0 only while consumers are far behind */
  readonly ackThrottle: { readonly delayMs: number };
  /**
   * Calls `done(null)` once the message is on disk (write and fdatasync), in order of append, or `done(error)` if it never
   * will be. Messages appended while a flush runs share the next one.
   */
  append(message: JournalMessage, done: (error: Error | null) => void): void;
  /** messages and payload bytes appended and not yet on disk */
  pending(): { messages: number; bytes: number };
  /** bytes in all segments */
  size(): number;
  close(): Promise<void>;
}

/**
 * A consumer's side, usually in another process. A reader keeps one position in the files, so each cursor needs its own
 * reader, and `read` may only be called again after the call before has resolved.
 */
export interface JournalReader {
  readonly id: string;
  /** the oldest position that can still be read, kept segments included */
  oldest(): Promise<Position>;
  /**
   * Reads whole frames from `from`, about `maxBytes` in all, without waiting for new ones: an empty array means that the
   * reader has caught up. Where the segment of `from` was deleted, or `from` lies past its torn end, the next segment is
   * read. @throws CursorBeyondJournal where `from` lies beyond the newest segment
   */
  read(from: Position, maxBytes: number): Promise<Frame[]>;
  /** bytes between `from` and the end */
  lag(from: Position): Promise<number>;
  /**
   * Takes segments that lie wholly before `before` out of the journal, except the newest. They are kept for an hour, as far
   * as there is room, and come back when a cursor before them is read. A corrupt one is renamed to `….damaged` instead.
   */
  trim(before: Position): Promise<void>;
  /** `listener` is called once for each corrupt range */
  onCorruption(listener: (corruption: Corruption) => void): void;
  close(): Promise<void>;
}

/** A cursor lies beyond the end of the journal: its files are older than the consumer's database, or some were deleted. */
export class CursorBeyondJournal extends Error {}
