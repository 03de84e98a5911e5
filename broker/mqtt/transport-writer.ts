import type { TransportStream } from "../transport/stream.ts";

/** Each piece that the client takes shows that it reads, however slow its line is. */
const PIECE_BYTES = 16 * 1024;

type Done = (error?: Error | null) => void;

/** Writes to a client, and knows since when it has not read what was written. */
export class TransportWriter {
  readonly #transport: TransportStream;
  readonly #drainTimeoutMs: number;
  #fullSinceMs: number | undefined;

  /**
   * @param drainTimeoutMs how long a client may read nothing
   * @param onDrain called when the client has read what was written after `isFull`
   */
  constructor(transport: TransportStream, drainTimeoutMs: number, onDrain: () => void) {
    this.#transport = transport;
    this.#drainTimeoutMs = drainTimeoutMs;
    transport.on("drain", () => {
      this.#fullSinceMs = undefined;
      onDrain();
    });
  }

  /** Whether the client does not read: what needs an answer has to wait. */
  get isFull(): boolean {
    return this.#fullSinceMs !== undefined;
  }

  /** @param nowMs monotonic clock @returns the rule that the client breaks; undefined: none */
  violation(nowMs: number): string | undefined {
    if (this.#fullSinceMs === undefined || nowMs - this.#fullSinceMs < this.#drainTimeoutMs) return undefined;
    return "does not read what is sent to it";
  }

  /** @param done called when the bytes have left, or never will */
  write(bytes: Buffer, done?: Done): void {
    if (bytes.length <= PIECE_BYTES) {
      if (!this.#transport.write(bytes, done)) this.#fullSinceMs ??= performance.now();
      return;
    }
    this.write(bytes.subarray(0, PIECE_BYTES), (error) => {
      if (error) done?.(error);
      else this.write(bytes.subarray(PIECE_BYTES), done);
    });
  }
}
