import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";

/** Text that a slow reader has not taken yet, bytes; further lines are lost. */
const MAX_WAITING_BYTES = 1024 * 1024;
const RETRY_MS = 20;
/** When the process exits, the reader gets this long to take what waits. */
const EXIT_FLUSH_MS = 200;
const EXIT_PAUSE_MS = 5;
const LINE_END = Buffer.from("\n");

/** Lines of text for a file, a pipe or a terminal. */
export interface TextOutput {
  /** Writes text that ends with a whole line, or is drawn over on a terminal. Never throws, and never waits for a reader. */
  write(text: string): void;
}

const openOutputs = new Set<() => boolean>();
process.on("exit", () => {
  const deadline = performance.now() + EXIT_FLUSH_MS;
  for (const drain of openOutputs) {
    while (!drain() && performance.now() < deadline)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EXIT_PAUSE_MS);
  }
});

/**
 * Opens `descriptor` for text. A full disk, a closed pipe or a terminal that has gone costs the lines of that time, never
 * the process. A reader that has stopped reading must not stop the process either: the descriptor is written without
 * blocking, where the system allows it, and up to 1 MiB waits in memory.
 * @param onRecovered called with the number of lost lines once writing works again
 */
export function openTextOutput(descriptor: number, onRecovered: (lost: number) => void = () => undefined): TextOutput {
  const target = withoutBlocking(descriptor);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let lost = 0;
  /** the first that waits was written in part */
  let isBegun = false;
  /** a line was written in part, and its rest is lost */
  let isTorn = false;

  /** Writes what waits. @returns false when the reader takes no more now */
  function drain(): boolean {
    for (let line = waiting[0]; line !== undefined; line = waiting[0]) {
      try {
        if (isTorn) isTorn = writeSync(target, LINE_END) === 0;
        const written = writeSync(target, line);
        waitingBytes -= written;
        isBegun = written < line.length;
        if (isBegun) waiting[0] = line.subarray(written);
        else waiting.shift();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
        isTorn ||= isBegun;
        isBegun = false;
        lost += waiting.length;
        waiting = [];
        waitingBytes = 0;
        return true;
      }
    }
    if (lost > 0) {
      const count = lost;
      lost = 0;
      onRecovered(count);
    }
    return true;
  }

  function drainLater(): void {
    timer = drain() ? undefined : setTimeout(drainLater, RETRY_MS).unref();
  }

  openOutputs.add(drain);
  return {
    write(text) {
      const bytes = Buffer.from(text);
      if (waitingBytes + bytes.length > MAX_WAITING_BYTES && waiting.length > 0) {
        lost += 1;
        return;
      }
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (timer === undefined) drainLater();
    },
  };
}

/** A descriptor for the same output that answers EAGAIN instead of waiting for a reader, where there can be one. */
function withoutBlocking(descriptor: number): number {
  const kind = fstatSync(descriptor);
  if (kind.isSocket()) {
    // Node sets the socket of a standard stream to non-blocking when it opens the stream.
    if (descriptor === 1) void process.stdout;
    else if (descriptor === 2) void process.stderr;
    return descriptor;
  }
  if (!kind.isFIFO() && !isatty(descriptor)) return descriptor;
  try {
    // Opened anew, because the flag would hold for every process that shares the descriptor.
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // Not Linux, the terminal of another user, or a pipe whose reader has gone: writing fails or waits, as it always did.
    return descriptor;
  }
}
