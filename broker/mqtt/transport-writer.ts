import type { TransportStream } from "../transport/stream.ts";

/** Each piece that the client takes shows that it reads, however slow its line is. */
const PIECE_BYTES = 16 * 1024;

const MAX_WAITING_BYTES = 128 * 1024;

type Done = (error?: Error | null) => void;

/** Writes to a client, and knows since when it has not read what was written. */
export class TransportWriter {
  readonly #transport: TransportStream;
  readonly #drainTimeoutMs: number;
  readonly #onDrain: () => void;
  #fullSinceMs: number | undefined;

  /**
   * @param drainTimeoutMs how long a client may read nothing
   * @param onDrain called when the client has read what was written after `hasUnread`
   */
  constructor(transport: TransportStream, drainTimeoutMs: number, onDrain: () => void) {
    this.#transport = transport;
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#onDrain = onDrain;
    transport.on("drain", () => this.#endWait());
  }

  /**
   * Whether the client does not read: what needs an answer has to wait.
   * @param waitingBytes further answers that wait until those before are written. Aedes waits for nobody where it answers
   * PUBREC, PUBREL and PUBLISH: without a limit they would gather, each in three pieces.
   */
  hasUnread(waitingBytes: number): boolean {
    if (waitingBytes > MAX_WAITING_BYTES) this.#fullSinceMs ??= performance.now();
    return this.#fullSinceMs !== undefined;
  }

  #endWait(): void {
    this.#fullSinceMs = undefined;
    this.#onDrain();
  }

  /** @param nowMs monotonic clock @returns the rule that the client breaks; undefined: none */
  violation(nowMs: number): string | undefined {
    if (this.#fullSinceMs === undefined || nowMs - this.#fullSinceMs < this.#drainTimeoutMs) return undefined;
    return "does not read what is sent to it";
  }

  /** The client has taken what was written. `done` may write more, which it may not take. */
  #end(done: Done, error?: Error | null): void {
    const hasWaited = this.#fullSinceMs !== undefined;
    this.#fullSinceMs = undefined;
    done(error);
    if (hasWaited) this.#onDrain();
  }

  /** @param done called when the bytes have left, or never will */
  write(bytes: Buffer, done?: Done): void {
    if (bytes.length <= PIECE_BYTES) {
      const isTaken = this.#transport.write(bytes, done && ((error) => this.#end(done, error)));
      if (!isTaken) this.#fullSinceMs ??= performance.now();
      return;
    }
    this.write(bytes.subarray(0, PIECE_BYTES), (error) => {
      if (error) done?.(error);
      else this.write(bytes.subarray(PIECE_BYTES), done);
    });
  }
}
