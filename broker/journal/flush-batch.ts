import { FRAME_HEADER_BYTES, MESSAGE_HEADER_BYTES, writeFrameHeader } from "./frame.ts";
import type { JournalMessage } from "./journal.ts";

export type Done = (error: Error | null) => void;

const INITIAL_BYTES = 256 * 1024;
/** a buffer that grew beyond this in a burst is released instead of reused */
const MAX_REUSED_BYTES = 8 * 1024 * 1024;
const MAX_FIELD_BYTES = 0xffff;

/**
 * The messages appended between two flushes, encoded at once into one buffer, so that a flush is a single write. A frame
 * ends at `frameBytes` at the latest, which limits what a reader has to hold in memory.
 */
export class FlushBatch {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #usedBytes = 0;
  #frameStart = 0;
  #frames: { start: number; end: number; messages: number }[] = [];
  #messagesInFrame = 0;
  #callbacks: Done[] = [];
  readonly #frameBytes: number;

  constructor(frameBytes = 4 * 1024 * 1024) {
    this.#frameBytes = frameBytes;
  }

  get messages(): number {
    return this.#callbacks.length;
  }

  /** size on disk */
  get bytes(): number {
    return this.#usedBytes;
  }

  /** @throws RangeError, and adds nothing, where the message does not fit the format */
  add(message: JournalMessage, done: Done): void {
    const clientIdBytes = utf8Bytes("client id", message.clientId);
    const topicBytes = utf8Bytes("topic", message.topic);
    const size = MESSAGE_HEADER_BYTES + clientIdBytes + topicBytes + message.payload.length;
    if (FRAME_HEADER_BYTES + size > this.#frameBytes) {
      throw new RangeError(`a message of ${size} bytes is larger than a journal frame of ${this.#frameBytes} bytes`);
    }
    if (this.#messagesInFrame > 0 && this.#usedBytes - this.#frameStart + size > this.#frameBytes) this.#closeFrame();
    this.#reserve(FRAME_HEADER_BYTES + size);
    if (this.#messagesInFrame === 0) {
      this.#frameStart = this.#usedBytes;
      this.#usedBytes += FRAME_HEADER_BYTES;
    }
    const buffer = this.#buffer;
    const at = this.#usedBytes;
    buffer.writeDoubleLE(message.receivedAt, at);
    buffer.writeUInt32LE(message.payload.length, at + 8);
    buffer.writeUInt16LE(clientIdBytes, at + 12);
    buffer.writeUInt16LE(topicBytes, at + 14);
    buffer.write(message.clientId, at + MESSAGE_HEADER_BYTES, "utf8");
    buffer.write(message.topic, at + MESSAGE_HEADER_BYTES + clientIdBytes, "utf8");
    message.payload.copy(buffer, at + size - message.payload.length);
    this.#usedBytes = at + size;
    this.#messagesInFrame += 1;
    this.#callbacks.push(done);
  }

  /** The bytes to write. The first frame gets `sequence`, each further one the next number. */
  finish(marker: Buffer, sequence: number): { bytes: Buffer; frames: number } {
    if (this.#messagesInFrame > 0) this.#closeFrame();
    for (const [index, { start, end, messages }] of this.#frames.entries()) {
      writeFrameHeader(this.#buffer.subarray(start, end), marker, sequence + index, messages);
    }
    return { bytes: this.#buffer.subarray(0, this.#usedBytes), frames: this.#frames.length };
  }

  /** Empties the batch and calls the callbacks in order of append. */
  settle(error: Error | null): void {
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    this.#frames = [];
    this.#usedBytes = 0;
    this.#messagesInFrame = 0;
    if (this.#buffer.length > MAX_REUSED_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    for (const done of callbacks) {
      try {
        done(error);
      } catch (fault) {
        // A throwing callback is a fault of the process, but must not keep the other callbacks from being called.
        queueMicrotask(() => {
          throw fault;
        });
      }
    }
  }

  #closeFrame(): void {
    this.#frames.push({ start: this.#frameStart, end: this.#usedBytes, messages: this.#messagesInFrame });
    this.#messagesInFrame = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#usedBytes + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#usedBytes);
    this.#buffer = grown;
  }
}

function utf8Bytes(what: string, text: string): number {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > MAX_FIELD_BYTES) throw new RangeError(`a ${what} of ${bytes} bytes is longer than ${MAX_FIELD_BYTES}`);
  return bytes;
}
