// Stops an embedded server whose supervisor was killed. This process has its own session. It is plain JavaScript, because
// the sources and the compiled tree start the same file. Standard input tells whether the supervisor is alive: the kernel
// closes it, however the supervisor dies.
//
// The first line of the input describes the server: {cluster, pgCtl, stopArguments, environment, user, login, lockKey,
// graceMs}. A second line ends the watch.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** A server that does not answer (it may be recovering) is stopped after this long. */
const NO_ANSWER_MS = 60_000;
const RETRY_MS = 200;

const lines = createInterface({ input: process.stdin });
let watched;
for await (const line of lines) {
  if (watched !== undefined) process.exit(0);
  watched = JSON.parse(line);
}
if (watched !== undefined) await stopUnlessAdopted(watched);

async function stopUnlessAdopted(watched) {
  await sleep(watched.graceMs);
  const deadline = performance.now() + NO_ANSWER_MS;
  while (performance.now() < deadline) {
    const port = portOfRunningServer(watched.cluster);
    if (port === undefined) return;
    const client = new pg.Client({ ...watched.login, port, host: "127.0.0.1", connectionTimeoutMillis: 2000 });
    client.on("error", () => undefined); // the server ends this connection when it stops
    try {
      await client.connect();
      const { rows } = await client.query("SELECT pg_try_advisory_lock($1) AS exclusive", [watched.lockKey]);
      if (rows[0].exclusive) await stop(watched);
      await client.end().catch(() => undefined);
      return;
    } catch {
      await client.end().catch(() => undefined);
      await sleep(RETRY_MS);
    }
  }
  await stop(watched);
}

/** The port in `postmaster.pid` (line 4) if its process (line 1) runs; undefined when the server has exited. */
function portOfRunningServer(cluster) {
  try {
    const [pid, , , port] = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), 0);
    return Number(port);
  } catch {
    return undefined;
  }
}

/** Runs `pg_ctl stop`. The exclusive lock, held meanwhile, keeps supervisors from adopting a server that is stopping. */
function stop({ cluster, pgCtl, stopArguments, environment, user }) {
  const child = spawn(pgCtl, stopArguments, { cwd: cluster, env: environment, stdio: "ignore", ...user });
  return new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
}
