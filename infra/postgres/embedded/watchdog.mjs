// Ends an embedded server whose supervisor was killed. A process of its own, in its own session; plain JavaScript, so
// that it starts from the sources and from the compiled tree alike. The supervisor's end of the standard input is the
// sign of life: the kernel closes it, however the supervisor dies.
//
// The first line of the input says what to watch: {cluster, pgCtl, stopArguments, environment, user, login, lockKey,
// graceMs}. A second line means that there is nothing left to watch.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** How long a server that does not answer (it may be recovering) is asked before it is stopped unasked. */
const SILENCE_MS = 60_000;
const RETRY_MS = 200;

const lines = createInterface({ input: process.stdin });
let watched;
for await (const line of lines) {
  if (watched !== undefined) process.exit(0);
  watched = JSON.parse(line);
}
if (watched !== undefined) await endUnlessAdopted(watched);

async function endUnlessAdopted(watched) {
  await sleep(watched.graceMs);
  const deadline = performance.now() + SILENCE_MS;
  while (performance.now() < deadline) {
    const port = portOfLivingServer(watched.cluster);
    if (port === undefined) return;
    const client = new pg.Client({ ...watched.login, port, host: "127.0.0.1", connectionTimeoutMillis: 2000 });
    client.on("error", () => undefined); // the server we are stopping ends our connection
    try {
      await client.connect();
      const { rows } = await client.query("SELECT pg_try_advisory_lock($1) AS alone", [watched.lockKey]);
      if (rows[0].alone) await stop(watched);
      await client.end().catch(() => undefined);
      return;
    } catch {
      await client.end().catch(() => undefined);
      await sleep(RETRY_MS);
    }
  }
  await stop(watched);
}

/** The port in `postmaster.pid` (line 4) if the process it names (line 1) lives; undefined when the server has ended. */
function portOfLivingServer(cluster) {
  try {
    const [pid, , , port] = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), 0);
    return Number(port);
  } catch {
    return undefined;
  }
}

/** Runs `pg_ctl stop`; who keeps the hold alone meanwhile keeps others from adopting a server that is going away. */
function stop({ cluster, pgCtl, stopArguments, environment, user }) {
  const child = spawn(pgCtl, stopArguments, { cwd: cluster, env: environment, stdio: "ignore", ...user });
  return new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
}
