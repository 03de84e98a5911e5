import { join } from "node:path";
import type { BenchContext } from "./context.ts";
import type { Plan } from "./plan.ts";
import type { OnlyOption } from "./options.ts";
import { Latencies } from "./load/latencies.ts";
import { Publisher } from "./load/publisher.ts";
import { statOf } from "./process-times.ts";
import { openEnvironment, type BenchEnvironment } from "./environment.ts";
import { measureRow } from "./measure-row.ts";
import type { Row } from "./table.ts";
import { startLatencyProbe } from "./latency-probe.ts";
import { idleDeviceId } from "./world.ts";

/** Milliseconds from publish until a reading is visible in the API and in the live stream, at 1,000 and 10,000 msg/s. */
export async function measureLatencies(environment: BenchEnvironment, { short }: Plan): Promise<Row[]> {
  const { apiUrl, pool } = environment.platform;
  const token = await signIn(apiUrl, environment.account);
  const watchedTrucks = environment.world.trucks.filter((_, index) => index % 20 === 0);
  const { rows } = await pool.query<{ id: number; name: string }>(
    "SELECT id, name FROM vehicles WHERE name = ANY($1)",
    [watchedTrucks.map(({ deviceId }) => deviceId)],
  );
  const measured: Row[] = [];
  for (const rate of [1_000, 10_000]) {
    const watched = new Map(rows.map(({ id, name }) => [id, watchedTrucks.find(({ deviceId }) => deviceId === name)!]));
    const probe = startLatencyProbe({ apiUrl, token, watched });
    const seconds = Math.min(short, 10);
    const row = await measureRow(environment, { what: "", by: "trucks", rate, seconds });
    await probe.close();
    for (const [path, latencies] of [
      ["API", probe.api],
      ["live stream", probe.stream],
    ] as const) {
      measured.push({
        what: `reading → ${path}`,
        load: row.load,
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
      });
    }
  }
  return measured;
}

export async function signIn(apiUrl: string, account: { email: string; password: string }): Promise<string> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${apiUrl}/auth/login`, { method: "POST", headers, body: JSON.stringify(account) });
  if (!answer.ok) throw new Error(`POST /auth/login answered ${answer.status}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** Growth of the broker's memory with devices that are connected and send nothing. */
export async function measureIdle(environment: BenchEnvironment, { idleDevices }: Plan): Promise<Row> {
  const { platform, world } = environment;
  const resident = async () => ((await statOf(platform.pids.broker))?.residentBytes ?? 0) / 2 ** 20;
  const before = await resident();
  const idle: Publisher[] = [];
  // One for all of them, which send nothing: one each are 48 GB of address space, and then no process can be started.
  const latencies = new Latencies();
  for (let index = 0; index < idleDevices; index += 1) {
    const options = { host: "127.0.0.1", port: platform.mqttPort, secret: world.secret, senders: [] };
    const publisher = new Publisher({ ...options, clientId: idleDeviceId(index), latencies });
    await publisher.open();
    idle.push(publisher);
  }
  const after = await resident();
  await Promise.all(idle.map((publisher) => publisher.close()));
  const note = `broker's memory ${Math.round(after)} MB, ${Math.round(after - before)} MB of it for these connections`;
  return { what: "idle devices", load: `${idleDevices.toLocaleString("en-US")} connections`, note };
}

/** One run instead of the whole table, for profiling. */
export async function measureOnly(only: OnlyOption, directory: string, context: BenchContext): Promise<Row> {
  const environment = await openEnvironment({ directory: join(directory, "only"), influx: only.influx, ...context });
  const { by } = only;
  await measureRow(environment, { what: "warming up", by, rate: 5_000, seconds: 2 });
  await environment.settled();
  const { rate, readings: readingsPerMessage, seconds } = only;
  const row = await measureRow(environment, { what: "whole platform", by, rate, seconds, readingsPerMessage });
  await environment.compare();
  await environment.close();
  return row;
}
