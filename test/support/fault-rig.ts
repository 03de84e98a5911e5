import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import type pg from "pg";
import { statOf } from "../../infra/bench/process-times.ts";
import { freePort } from "../../infra/runtime/free-port.ts";
import { startEmbeddedPostgres } from "../../infra/postgres/embedded/embedded-postgres.ts";
import { createPool } from "../../infra/postgres/pool.ts";
import { postmasterPid } from "./embedded.ts";
import { quiet } from "./ingest.ts";
import { processesWith, untilNoneLeft } from "./launched.ts";
import { startPlatform, type TestPlatform } from "./platform.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import type { DayMessage } from "./sample-day.ts";

export type Part = "broker" | "ingest" | "supervisor" | "postgres";

/** The real processes on a database of their own, reached through a network that can fail; and devices that insist. */
export interface FaultRig {
  /** straight to the database, whatever the platform's network does */
  pool: pg.Pool;
  postgres: TcpProxy;
  dataDirectory: string;
  mqttPort: number;
  /** resident memory of a process, bytes; 0 while there is none */
  residentBytes(part: "broker" | "ingest"): Promise<number>;
  /** the running platform; another one after its supervisor was killed */
  platform(): TestPlatform;
  /** what the platform has logged since its last start */
  log(): readonly string[];
  kill(part: Part): Promise<void>;
  /** publishes at QoS 1, sends again what was not acknowledged; resolves when everything is */
  publish(messages: readonly DayMessage[], options?: { perSecond?: number }): Promise<void>;
  /** messages acknowledged so far */
  acknowledged(): number;
  /** devices that were told they are not who they say, with the code: none, whatever fails */
  refused(): readonly string[];
  /** resolves when `count` readings are stored and everything late is in its place */
  stored(count: number, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface FaultRigOptions {
  environment?: Record<string, string>;
  /** a data directory that a test has prepared, e.g. a small file system */
  dataDirectory?: string;
}

export async function startFaultRig({ environment = {}, dataDirectory }: FaultRigOptions = {}): Promise<FaultRig> {
  const folder = await mkdtemp(join(tmpdir(), "waystock-faults-"));
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: folder, log: quiet });
  const postgres = await startTcpProxy({ host: "127.0.0.1", port: server.port });
  const through = new URL(server.url);
  through.port = String(postgres.port);
  const directory = dataDirectory ?? join(folder, "platform");
  const start = async () =>
    startPlatform({
      dataDirectory: directory,
      environment: {
        DATABASE_URL: through.href,
        MQTT_PORT: String(mqttPort),
        DEVICE_RATE: "1000000/s,1000000",
        CONNECTS_PER_MINUTE: "100000",
        ...environment,
      },
    });
  const mqttPort = await freePort("127.0.0.1");
  let platform: TestPlatform = await start();
  const pool = createPool(server.url, { max: 4, applicationName: "fault rig", log: quiet });
  const clients = new Map<string, MqttClient>();
  let acknowledged = 0;
  const refused: string[] = [];
  let closing = false;

  async function clientOf(deviceId: string): Promise<MqttClient> {
    const known = clients.get(deviceId);
    if (known) return known;
    const secret = randomBytes(32).toString("base64url");
    await pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ($1, $2)", [
      deviceId,
      createHash("sha256").update(secret).digest(),
    ]);
    const client = connect(`mqtt://127.0.0.1:${mqttPort}`, {
      clientId: deviceId,
      username: deviceId,
      password: secret,
      reconnectPeriod: 50,
      connectTimeout: 2_000,
      // "Unavailable" is what a broker says while Postgres is away; otherwise the client would never try again.
      reconnectOnConnackError: true,
    });
    client.on("error", (error) => {
      // CONNACK return codes other than "unavailable" [MQTT-3.2.2-6]: this device is who it says.
      if ("code" in error && typeof error.code === "number" && error.code !== 3)
        refused.push(`${deviceId}: ${error.code}`);
    });
    clients.set(deviceId, client);
    return client;
  }

  /** Publishes until it is acknowledged: the client gives up what was under way when its connection ends. */
  async function insist(client: MqttClient, topic: string, payload: string): Promise<void> {
    for (;;) {
      try {
        await client.publishAsync(topic, payload, { qos: 1 });
        return;
      } catch (error) {
        if (closing) throw error;
        await sleep(20);
      }
    }
  }

  async function killedNow(part: Exclude<Part, "supervisor">): Promise<boolean> {
    if (part === "postgres") {
      // As `pg_ctl stop -m immediate`; while it starts again there is no file.
      const pid = await postmasterPid(join(folder, "postgres")).catch(() => undefined);
      return pid !== undefined && signalled(pid, "SIGQUIT");
    }
    const pid = await pidOf(part);
    if (pid === undefined || !signalled(pid, "SIGKILL")) return false;
    // Until it has ended its files are open.
    while ((await pidOf(part)) === pid) await sleep(5);
    return true;
  }

  async function pidOf(part: "broker" | "ingest"): Promise<number | undefined> {
    const running = await processesWith(directory);
    return [...running].find(([, command]) => command.includes(`processes/${part}`))?.[0];
  }

  const rig: FaultRig = {
    pool,
    postgres,
    dataDirectory: directory,
    mqttPort,
    async residentBytes(part) {
      const pid = await pidOf(part);
      return (pid === undefined ? undefined : await statOf(pid))?.residentBytes ?? 0;
    },
    platform: () => platform,
    log: () => platform.log,
    acknowledged: () => acknowledged,
    refused: () => refused,
    async kill(part) {
      if (part === "supervisor") {
        const { process: supervisor } = platform;
        supervisor.kill("SIGKILL");
        platform = await start();
        return;
      }
      // It may be on its way down or up just now, which on a busy machine takes a while.
      const deadline = performance.now() + 60_000;
      while (!(await killedNow(part))) {
        if (performance.now() > deadline) throw new Error(`there is no ${part} to kill`);
        await sleep(20);
      }
    },
    async publish(messages, { perSecond = Number.POSITIVE_INFINITY } = {}) {
      const waiting: Promise<unknown>[] = [];
      let done = 0;
      const count = () => {
        done += 1;
        acknowledged += 1;
      };
      const began = performance.now();
      for (const [index, { topic, reading }] of messages.entries()) {
        const client = await clientOf(topic.split("/")[1]!);
        waiting.push(insist(client, topic, JSON.stringify(reading)).then(count));
        if (index % 20 !== 0) continue;
        const due = (index / perSecond) * 1000;
        await sleep(Math.max(0, due - (performance.now() - began)));
        while (index - done > MOST_IN_FLIGHT) await sleep(5);
      }
      await Promise.all(waiting);
    },
    async stored(count, withinMs) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const { rows } = await pool
          .query<{ stored: number; late: number }>(
            "SELECT (SELECT coalesce(sum(stored), 0)::int FROM device_states) AS stored, (SELECT count(*) FROM late_windows) AS late",
          )
          .catch(() => ({ rows: [{ stored: -1, late: -1 }] }));
        const { stored, late } = rows[0]!;
        if (stored === count && late === 0) return;
        if (stored > count) throw new Error(`${stored} readings are stored, ${count} were sent`);
        if (performance.now() > deadline) throw new Error(`${stored} of ${count} stored, ${late} late stretches wait`);
        await sleep(50);
      }
    },
    async close() {
      closing = true;
      await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
      await platform.stop();
      await untilNoneLeft(directory, 10_000);
      await pool.end();
      await postgres.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  return rig;
}

const MOST_IN_FLIGHT = 2_000;

/** Whether there was a process to be told. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
