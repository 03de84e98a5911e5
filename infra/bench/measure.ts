import { cpuSecondsOf } from "./process-times.ts";
import type { BenchPlatform } from "./platform.ts";
import { Latencies } from "./load/latencies.ts";
import type { Sender } from "./load/packet.ts";
import { Publisher } from "./load/publisher.ts";
import { type LoadOptions, type LoadResult, runLoad } from "./load/run.ts";
import type { Progress } from "./progress.ts";
import type { BenchWorld } from "./world.ts";

/** Open connections that record their latencies together. */
export interface LoadClients {
  publishers: Publisher[];
  latencies: Latencies;
  close(): Promise<void>;
}

/** Connects 50 gateways that carry all trucks, or every truck on its own connection. */
export function openLoadClients(
  { gateways, trucks, secret }: BenchWorld,
  by: "gateways" | "trucks",
  address: { host: string; port: number; anonymous?: boolean },
): Promise<LoadClients> {
  const connections =
    by === "gateways"
      ? gateways.map(({ id, trucks: senders }) => ({ id, senders }))
      : trucks.map((truck) => ({ id: truck.deviceId, senders: [truck] }));
  return openConnections(connections, address.anonymous ? undefined : secret, address);
}

/** Opens a connection for each id, which publishes for its senders. */
export async function openConnections(
  connections: readonly { id: string; senders: readonly Sender[] }[],
  secret: string | undefined,
  { host, port }: { host: string; port: number },
): Promise<LoadClients> {
  const latencies = new Latencies();
  const publishers = connections.map(
    ({ id, senders }) => new Publisher({ host, port, clientId: id, secret, senders, latencies }),
  );
  const clients = {
    publishers,
    latencies,
    close: async () => void (await Promise.all(publishers.map((publisher) => publisher.close()))),
  };
  try {
    for (const publisher of publishers) await publisher.open();
  } catch (error) {
    await clients.close();
    throw error;
  }
  return clients;
}

/** The result of one load on the whole platform. */
export interface PlatformRun extends LoadResult {
  readings: number;
  /** milliseconds from the last PUBACK until everything was derived and stored */
  lagMs: number;
  /** readings derived and stored per second, from the first publish until the last was stored */
  storedPerSecond: number;
  /** CPU seconds per million readings, by process */
  cpu: Record<string, number>;
}

export interface PlatformLoad extends LoadOptions {
  readingsPerMessage?: number;
}

const CATCH_UP_WITHIN_MS = 120_000;

export async function runOnPlatform(
  platform: BenchPlatform,
  progress: Progress,
  clients: LoadClients,
  load: PlatformLoad,
): Promise<PlatformRun> {
  const { readingsPerMessage = 1 } = load;
  for (const publisher of clients.publishers) publisher.setReadingsPerMessage(readingsPerMessage);
  const before = await cpuSeconds(platform);
  const startedAt = performance.now();
  const result = await runLoad(clients.publishers, clients.latencies, load);
  const lagMs = await progress.waitUntilCaughtUp(CATCH_UP_WITHIN_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  const after = await cpuSeconds(platform);
  const readings = result.acknowledged * readingsPerMessage;
  const cpu = Object.fromEntries(
    Object.entries(after).map(([name, used]) => [name, ((used - before[name]!) * 1e6) / readings]),
  );
  return { ...result, readings, lagMs, storedPerSecond: Math.round(readings / seconds), cpu };
}

async function cpuSeconds({ pids, influxPid }: BenchPlatform): Promise<Record<string, number>> {
  const own = process.cpuUsage();
  const used: Record<string, number> = { "load generator": (own.user + own.system) / 1e6 };
  for (const [name, pid] of Object.entries(pids)) used[name] = await cpuSecondsOf(pid);
  if (influxPid !== undefined) used["influxd"] = await cpuSecondsOf(influxPid);
  return used;
}
