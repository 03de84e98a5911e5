import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../../http/problem.ts";

/** Larger files are refused. */
export const MAX_FILE_BYTES = 20 * 1024 * 1024;
/** What tells the type of a file lies at its beginning. */
const START_BYTES = 64 * 1024;
/** How much of a file is in memory at once, and in one row. */
export const PIECE_BYTES = 256 * 1024;

/** A file that was sent, on disk until it is stored. */
export interface ReceivedFile {
  readonly sizeBytes: number;
  /** hexadecimal */
  readonly sha256: string;
  readonly start: Uint8Array;
  /** all of it is UTF-8 without control characters */
  readonly isText: boolean;
  pieces(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/**
 * Writes a body to a file without a name: whatever ends the process, nothing stays behind, and a slow sender holds no connection to
 * Postgres.
 * @throws Problem 413 as soon as there is too much, 400 for a body that is empty or ends early
 */
export async function receiveFile(
  body: AsyncIterable<Uint8Array>,
  contentLength: string | undefined,
): Promise<ReceivedFile> {
  const tooLarge = new Problem(413, `a file has at most ${MAX_FILE_BYTES / 1024 / 1024} MiB here`);
  if (Number(contentLength ?? 0) > MAX_FILE_BYTES) throw tooLarge;
  const path = join(tmpdir(), `waystock-attachment-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    const hash = createHash("sha256");
    const text = new TextCheck();
    let sizeBytes = 0;
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_FILE_BYTES) throw tooLarge;
      hash.update(chunk);
      text.look(chunk);
      await file.write(chunk);
    }
    if (sizeBytes === 0) throw new Problem(400, "the body is empty: a file is expected");
    const start = Buffer.alloc(Math.min(START_BYTES, sizeBytes));
    await file.read(start, 0, start.length, 0);
    return {
      sizeBytes,
      sha256: hash.digest("hex"),
      start,
      isText: text.end(),
      pieces: () => piecesOf(file, sizeBytes),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* piecesOf(file: FileHandle, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, sizeBytes - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead !== piece.length) throw new Error("the temporary file of an attachment is shorter than it was");
    yield piece;
  }
}

/** Control characters that no text has: all but tab, line feed, form feed and carriage return. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000B\u000E-\u001F\u007F]/;

/** Whether all that passes is text. */
class TextCheck {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #isText = true;

  look(chunk: Uint8Array): void {
    if (this.#isText) this.#isText = this.#isFine(() => this.#decoder.decode(chunk, { stream: true }));
  }

  end(): boolean {
    return this.#isText && this.#isFine(() => this.#decoder.decode());
  }

  #isFine(decode: () => string): boolean {
    try {
      return !CONTROL.test(decode());
    } catch {
      return false; // It is not UTF-8.
    }
  }
}
