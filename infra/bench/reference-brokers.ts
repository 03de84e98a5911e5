import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Components } from "../runtime/components.ts";
import { freePort } from "../runtime/free-port.ts";
import { projectFile } from "../runtime/project-file.ts";

/** Another broker under the same load, for comparison. */
export interface Reference {
  name: string;
  port: number;
  pid: number;
  close(): Promise<void>;
}

/** Aedes in its own process, without our code around it. */
export async function startBareAedes(components: Components): Promise<Reference> {
  const child = fork(projectFile("infra/bench/bare-aedes.mjs"), { stdio: ["ignore", 2, 2, "ipc"] });
  const close = stopper(child);
  components.register("bare Aedes", { close });
  const [port] = (await once(child, "message")) as [number];
  return { name: "Aedes 1.2.0 alone", port, pid: child.pid!, close };
}

/** Mosquitto without persistence; undefined when it is not installed. */
export async function startMosquitto(components: Components, directory: string): Promise<Reference | undefined> {
  const port = await freePort("127.0.0.1");
  await mkdir(join(directory, "mosquitto"), { recursive: true });
  const configuration = join(directory, "mosquitto", "mosquitto.conf");
  await writeFile(
    configuration,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n`,
  );
  const child = spawn("mosquitto", ["-c", configuration], { stdio: ["ignore", 2, 2] });
  const missing = once(child, "error").then(
    () => true,
    () => true,
  );
  const started = await Promise.race([missing.then(() => false), once(child, "spawn").then(() => true)]);
  if (!started) return undefined;
  const close = stopper(child);
  components.register("Mosquitto", { close });
  await waitUntilListening(port);
  return { name: "Mosquitto alone", port, pid: child.pid!, close };
}

function stopper(child: ReturnType<typeof spawn>): () => Promise<void> {
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
  };
}

async function waitUntilListening(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
