import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const CHILD = join(import.meta.dirname, "..", "support", "slow-child.ts");

test("a child that is still loading when its supervisor is killed is notified", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waystock-orphan-"));
  const file = join(folder, "heard");
  const fork = `require("node:child_process").fork(${JSON.stringify(CHILD)}, [${JSON.stringify(file)}],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);`;
  const supervisor = spawn(process.execPath, ["-e", fork], { stdio: ["ignore", "ignore", "inherit"] });
  await once(supervisor, "exit");
  await expect.poll(() => readFile(file, "utf8").catch(() => "")).toBe("disconnected");
  await rm(folder, { recursive: true });
});
