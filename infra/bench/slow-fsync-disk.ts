import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

// Loaded by `node --import` before the broker's own code. It makes every fdatasync of the process take longer, for a
// disk that really flushes where this one only says so. The delay in milliseconds stands in the module's URL.
const delayMs = Number(new URL(import.meta.url).searchParams.get("delayMs"));

interface SyncedFile {
  datasync: (this: SyncedFile) => Promise<void>;
}

// Node does not export the class of its file handles; this file is at hand to get one from.
const handle = await open(import.meta.filename);
const fileHandles = Object.getPrototypeOf(handle) as SyncedFile;
await handle.close();

const { datasync } = fileHandles;
fileHandles.datasync = async function () {
  await datasync.call(this);
  await sleep(delayMs);
};
