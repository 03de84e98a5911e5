import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

// Loaded by `node --import` before the broker's own code. It delays every fdatasync of the process, as a disk
// without a write cache does. The module's URL holds the delay in milliseconds: `?delayMs=5`.
const delayMs = Number(new URL(import.meta.url).searchParams.get("delayMs"));

interface SyncedFile {
  datasync: (this: SyncedFile) => Promise<void>;
}

// Node does not export the class of file handles, so take the prototype of one.
const handle = await open(import.meta.filename);
const fileHandles = Object.getPrototypeOf(handle) as SyncedFile;
await handle.close();

const { datasync } = fileHandles;
fileHandles.datasync = async function () {
  await datasync.call(this);
  await sleep(delayMs);
};
