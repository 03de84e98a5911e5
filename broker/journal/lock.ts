/**
 * Ensures one writer per journal directory. The holder listens on a Unix socket of its own in that directory. The kernel
 * closes the socket however the process ends, so a lock is stale exactly when its socket refuses connections. Unlike a lock
 * by process id this also works between containers that share the volume. Each candidate listens first, then looks for
 * other sockets, and gives up if one answers: of two that start together at most one gets the lock.
 */
import { createHash, randomBytes } from "node:crypto";
import { open, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "./directory.ts";

const NAME = /^writer-[0-9a-f]{16}\.lock$/;
/** just below the kernels' limit for the path of a Unix socket (108 bytes on Linux, 104 on macOS) */
const MAX_PATH_BYTES = 100;

export interface Lock {
  release(): Promise<void>;
}

/** Waits up to `waitMs` for another writer to end. @throws where it does not */
export async function lockDirectory(directory: string, waitMs: number): Promise<Lock> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const lock = process.platform === "win32" ? await tryPipe(directory) : await trySocket(directory);
    if (lock) return lock;
    if (performance.now() >= deadline) {
      throw new Error(`the journal in ${directory} is locked by another process: stop that broker first`);
    }
    // A random pause, so that two candidates do not keep colliding.
    await sleep(50 + Math.random() * 100);
  }
}

async function trySocket(directory: string): Promise<Lock | undefined> {
  const name = `writer-${randomBytes(8).toString("hex")}.lock`;
  // On Linux a path that is too long can be addressed through the open directory.
  const long = Buffer.byteLength(join(directory, name)) > MAX_PATH_BYTES;
  const handle = long && process.platform === "linux" ? await open(directory) : undefined;
  const base = handle ? `/proc/self/fd/${handle.fd}` : directory;
  const server = await listen(join(base, name));
  const lock = {
    async release() {
      await close(server);
      await rm(join(directory, name), { force: true });
      await handle?.close();
    },
  };
  try {
    for (const other of await readdir(directory)) {
      if (other === name || !NAME.test(other)) continue;
      if (await isListening(join(base, other))) {
        await lock.release();
        return undefined;
      }
      await rm(join(directory, other), { force: true });
    }
    return lock;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** On Windows the lock is a named pipe, which has one listener and ends with it. */
async function tryPipe(directory: string): Promise<Lock | undefined> {
  const hash = createHash("sha256").update(resolve(directory).toLowerCase()).digest("hex").slice(0, 32);
  try {
    const server = await listen(`\\\\.\\pipe\\waystock-journal-${hash}`);
    return { release: () => close(server) };
  } catch (error) {
    if (hasCode(error, "EADDRINUSE", "EACCES")) return undefined;
    throw error;
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", reject);
    server.listen(path, () => {
      // The lock must not keep the process running.
      server.unref();
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      if (hasCode(error, "ECONNREFUSED", "ENOENT")) resolve(false);
      // A full backlog also means that the holder is alive.
      else if (hasCode(error, "EAGAIN", "ECONNRESET")) resolve(true);
      else reject(error);
    });
  });
}
