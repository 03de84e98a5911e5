import { FRAME_HEADER_BYTES, MESSAGE_HEADER_BYTES, writeFrameHeader } from "./frame.ts";
import type { JournalMessage } from "./journal.ts";

export type Done = (error: Error | null) => void;

const INITIAL_BYTES = 256 * 1024;
/** a buffer that one burst has grown beyond this is given back instead of being kept for the next flush */
const KEPT_BYTES = 8 * 1024 * 1024;
const MAX_TEXT_BYTES = 0xffff;

/**
 * What is appended between two flushes, encoded as it comes, so that a flush is one write of bytes that already lie
 * side by side. Frames are closed at `frameBytes`, so a reader never has to hold more than that (or than one message).
 */
export class FlushBatch {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #used = 0;
  #frameStart = 0;
  #frames: { start: number; end: number; messages: number }[] = [];
  #inFrame = 0;
  #done: Done[] = [];
  readonly #frameBytes: number;

  constructor(frameBytes = 4 * 1024 * 1024) {
    this.#frameBytes = frameBytes;
  }

  get messages(): number {
    return this.#done.length;
  }

  /** bytes this batch will take on disk */
  get bytes(): number {
    return this.#used;
  }

  /** Throws a RangeError, and takes nothing, when the message doesn't fit the format. */
  add(message: JournalMessage, done: Done): void {
    const clientIdBytes = textBytes("client id", message.clientId);
    const topicBytes = textBytes("topic", message.topic);
    const size = MESSAGE_HEADER_BYTES + clientIdBytes + topicBytes + message.payload.length;
    if (FRAME_HEADER_BYTES + size > this.#frameBytes) {
      throw new RangeError(`a message of ${size} bytes is larger than a journal frame of ${this.#frameBytes} bytes`);
    }
    if (this.#inFrame > 0 && this.#used - this.#frameStart + size > this.#frameBytes) this.#closeFrame();
    this.#reserve(FRAME_HEADER_BYTES + size);
    if (this.#inFrame === 0) {
      this.#frameStart = this.#used;
      this.#used += FRAME_HEADER_BYTES;
    }
    const buffer = this.#buffer;
    const at = this.#used;
    buffer.writeDoubleLE(message.receivedAt, at);
    buffer.writeUInt32LE(message.payload.length, at + 8);
    buffer.writeUInt16LE(clientIdBytes, at + 12);
    buffer.writeUInt16LE(topicBytes, at + 14);
    buffer.write(message.clientId, at + MESSAGE_HEADER_BYTES, "utf8");
    buffer.write(message.topic, at + MESSAGE_HEADER_BYTES + clientIdBytes, "utf8");
    message.payload.copy(buffer, at + size - message.payload.length);
    this.#used = at + size;
    this.#inFrame += 1;
    this.#done.push(done);
  }

  /** The bytes to write, their frames numbered from `sequence` on. */
  finish(marker: Buffer, sequence: number): { bytes: Buffer; frames: number } {
    if (this.#inFrame > 0) this.#closeFrame();
    for (const [index, { start, end, messages }] of this.#frames.entries()) {
      writeFrameHeader(this.#buffer.subarray(start, end), marker, sequence + index, messages);
    }
    return { bytes: this.#buffer.subarray(0, this.#used), frames: this.#frames.length };
  }

  /** Empties the batch and tells everyone who waits for it, in order of append. */
  settle(error: Error | null): void {
    const waiting = this.#done;
    this.#done = [];
    this.#frames = [];
    this.#used = 0;
    this.#inFrame = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    for (const done of waiting) {
      try {
        done(error);
      } catch (fault) {
        // A fault of one listener is the process's to hear of, but must not cost the others their answer.
        queueMicrotask(() => {
          throw fault;
        });
      }
    }
  }

  #closeFrame(): void {
    this.#frames.push({ start: this.#frameStart, end: this.#used, messages: this.#inFrame });
    this.#inFrame = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(grown, 0, 0, this.#used);
    this.#buffer = grown;
  }
}

function textBytes(what: string, text: string): number {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > MAX_TEXT_BYTES) throw new RangeError(`a ${what} of ${bytes} bytes is longer than ${MAX_TEXT_BYTES}`);
  return bytes;
}
