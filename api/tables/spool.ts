import { createHash, randomUUID } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../http/problem.ts";
import { decoderOf, type Encoding, EncodingDetector } from "./text-format.ts";

/** Larger files are refused. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Characters that are looked at to find the first line. */
const START_BYTES = 64 * 1024;

/** A file that was sent, on disk until it has been read. */
export interface Spool {
  readonly sizeBytes: number;
  readonly encoding: Encoding;
  readonly byte_order_mark: boolean;
  readonly sha256: Buffer;
  /** the first characters */
  readonly start: string;
  /** the text; `onRead` hears of the bytes as they pass */
  text(onRead: (bytes: number) => void): AsyncGenerator<string>;
  close(): Promise<void>;
}

/**
 * Writes a body to a file without a name: whatever ends the process, nothing stays behind. It is read later, so that a slow import
 * holds no connection and no memory.
 * @throws Problem 413 as soon as there is too much, 400 for a body that is empty or ends early
 */
export async function spoolBody(body: AsyncIterable<Uint8Array>, contentLength: string | undefined): Promise<Spool> {
  const tooLarge = new Problem(413, `a file has at most ${MAX_FILE_BYTES} bytes here`);
  if (Number(contentLength ?? 0) > MAX_FILE_BYTES) throw tooLarge;
  const path = join(tmpdir(), `waystock-import-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    const detector = new EncodingDetector();
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const chunk of body) {
      sizeBytes += chunk.length;
      if (sizeBytes > MAX_FILE_BYTES) throw tooLarge;
      detector.look(chunk);
      hash.update(chunk);
      await file.write(chunk);
    }
    if (sizeBytes === 0) throw new Problem(400, "the body is empty: a file is expected");
    const format = detector.end();
    const start = Buffer.alloc(Math.min(START_BYTES, sizeBytes));
    await file.read(start, 0, start.length, 0);
    return {
      sizeBytes,
      sha256: hash.digest(),
      ...format,
      start: decoderOf(format.encoding).decode(start),
      text: (onRead) => textOf(file, format.encoding, onRead),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* textOf(file: FileHandle, encoding: Encoding, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const decoder = decoderOf(encoding);
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false }) as AsyncIterable<Uint8Array>) {
    onRead(chunk.length);
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}
