import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { findInfluxd, type Influxd, startInfluxd } from "../influx/influxd.ts";
import type { BenchContext } from "./context.ts";
import { type LoadClients, openLoadClients } from "./measure.ts";
import { type BenchPlatform, startBenchPlatform } from "./platform.ts";
import { compareStored } from "./compare-stored.ts";
import { followProgress, type Progress } from "./progress.ts";
import { waitForQuiescence } from "./quiescence.ts";
import { type BenchWorld, createWorld } from "./world.ts";

export interface EnvironmentOptions extends BenchContext {
  directory: string;
  idleDevices?: number;
  influx?: boolean;
  syncDelayMs?: number;
  /** adds to the world before the processes start */
  seedMore?: (pool: pg.Pool) => Promise<void>;
}

/** A running platform with its world, and load clients that stay connected between runs. */
export interface BenchEnvironment {
  platform: BenchPlatform;
  world: BenchWorld;
  progress: Progress;
  account: { email: string; password: string };
  hasInflux: boolean;
  clients(by: "gateways" | "trucks"): Promise<LoadClients>;
  /** Resolves when what the platform does about goods and vehicles that it sees for the first time is done. */
  settled(): Promise<void>;
  /** @returns the number of acknowledged readings @throws when one of them is not stored */
  compare(): Promise<number>;
  close(): Promise<void>;
}

const TRUCKS = 1_000;
const TOLD_WITHIN_MS = 120_000;
const ACCOUNT = { email: "bench@example.com", password: "valid while this bench runs" };

export async function openEnvironment(options: EnvironmentOptions): Promise<BenchEnvironment> {
  const { directory, components, log, load, createAdmin, idleDevices = 0, influx = false, syncDelayMs = 0 } = options;
  await mkdir(directory, { recursive: true });
  const version = influx ? await findInfluxd() : undefined;
  const influxd: Influxd | undefined = version
    ? components.register("influxd", await startInfluxd(version, join(directory, "influxd"), log))
    : undefined;
  let world: BenchWorld | undefined;
  const platform = await startBenchPlatform({
    directory,
    components,
    log,
    influx: influxd && { url: influxd.url, pid: influxd.pid() },
    syncDelayMs,
    seed: async (pool) => {
      await createAdmin(pool, ACCOUNT);
      world = await createWorld(pool, { trucks: TRUCKS, idleDevices, load: load(pool) });
      await options.seedMore?.(pool);
    },
  });
  if (world === undefined) throw new Error("the bench seed did not run");
  const seeded = world;
  await waitUntilTold(platform.pool);
  const hasInflux = influxd !== undefined;
  const progress = await followProgress(platform.pool, directory, hasInflux, log);
  const clientsByKind = new Map<string, LoadClients>();
  return {
    platform,
    world: seeded,
    progress,
    account: ACCOUNT,
    hasInflux,
    async clients(by) {
      const known = clientsByKind.get(by);
      if (known) return known;
      const opened = await openLoadClients(seeded, by, { host: "127.0.0.1", port: platform.mqttPort });
      clientsByKind.set(by, opened);
      return opened;
    },
    async settled() {
      await waitUntilTold(platform.pool);
      await waitForQuiescence(platform);
    },
    compare: () => compareStored(platform.pool, seeded.trucks, influxd?.url),
    async close() {
      for (const clients of clientsByKind.values()) await clients.close();
      await progress.close();
      await platform.close();
      await influxd?.close();
    },
  };
}

/** What has happened is told to other systems before a load: that work is none of its row. */
async function waitUntilTold(pool: pg.Pool): Promise<void> {
  const startedAt = performance.now();
  while ((await pool.query("SELECT FROM outbox LIMIT 1")).rowCount !== 0) {
    if (performance.now() - startedAt > TOLD_WITHIN_MS)
      throw new Error(`the outbox is not empty after ${TOLD_WITHIN_MS} ms`);
    await sleep(100);
  }
}
