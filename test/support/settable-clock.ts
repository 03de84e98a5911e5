import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { requires } from "./requires.ts";

/** A wall clock for other processes that can be set while they run. Their monotonic clock goes on as it is. */
export interface SettableClock {
  /** what a process needs in its environment to have this clock */
  environment: Record<string, string>;
  /** sets it so far ahead of this machine's, milliseconds, and waits until the processes have noticed */
  setAhead(ms: number): Promise<void>;
  remove(): Promise<void>;
}

const LIBRARY = "faketime/libfaketimeMT.so.1";
/** libfaketime reads its file once a second. */
const NOTICED_AFTER_MS = 2_500;

/** Makes one by libfaketime; undefined, with that said, where it is not installed. */
export async function openSettableClock(aheadMs: number): Promise<SettableClock | undefined> {
  if (requires("faketime") === undefined) return undefined;
  const library = readdirSync("/usr/lib")
    .map((folder) => join("/usr/lib", folder, LIBRARY))
    .find((file) => existsSync(file));
  if (library === undefined) throw new Error("faketime is installed without libfaketimeMT.so.1");
  const folder = await mkdtemp(join(tmpdir(), "waystock-clock-"));
  // The embedded Postgres reads it as another user.
  await chmod(folder, 0o755);
  const file = join(folder, "offset");
  const write = (ms: number) => writeFile(file, `${ms < 0 ? "" : "+"}${ms / 1000}\n`);
  await write(aheadMs);
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    async setAhead(ms) {
      await write(ms);
      await sleep(NOTICED_AFTER_MS);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
