import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../infra/runtime/free-port.ts";

/** An external broker on a free port of loopback; what waits for a session is kept in memory, without bounds. */
export interface Mosquitto {
  url: string;
  close(): Promise<void>;
}

const CONFIG = ["allow_anonymous true", "max_inflight_messages 0", "max_queued_messages 0", "persistence false"];

/** @param binary where it is @param fixedPort undefined: a free one */
export async function startMosquitto(binary: string, fixedPort?: number): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), "waystock-mosquitto-"));
  const port = fixedPort ?? (await freePort("127.0.0.1"));
  await writeFile(join(folder, "conf"), [`listener ${port} 127.0.0.1`, ...CONFIG, ""].join("\n"));
  const server = spawn(binary, ["-c", join(folder, "conf")], { stdio: "ignore" });
  const deadline = performance.now() + 15_000;
  while (!(await answers(port))) {
    if (performance.now() > deadline || server.exitCode !== null) throw new Error("mosquitto did not start");
    await sleep(20);
  }
  return {
    url: `mqtt://127.0.0.1:${port}`,
    async close() {
      const gone = once(server, "exit");
      server.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const up = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return up;
}
