import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { type DeviceRegistry, loadDeviceRegistry } from "../queries/device-registry.ts";

export interface DeviceRegistryCache {
  /** the registry, read again if anything in it has changed since */
  current(): Promise<DeviceRegistry>;
  /** what `current` returned last: for what must go on while Postgres is away */
  lastKnown(): DeviceRegistry | undefined;
  /** to be called when a commit was refused for it */
  invalidate(): void;
  close(): Promise<void>;
}

/** Keeps the registry in memory; NOTIFY tells when it is stale, the guard in every commit makes sure. */
export async function openDeviceRegistry(pool: Pool, log: Logger): Promise<DeviceRegistryCache> {
  let registry: DeviceRegistry | undefined;
  let listener: PoolClient | undefined;
  let fresh = false;
  let closed = false;

  async function listen(): Promise<void> {
    const client = await pool.connect();
    const lost = (error?: Error) => {
      if (listener !== client) return;
      listener = undefined;
      fresh = false;
      client.release(error ?? true);
      if (!closed) log.warn({ err: error }, "lost the connection that hears of registry changes");
    };
    client.on("error", lost);
    client.on("end", () => lost());
    client.on("notification", () => (fresh = false));
    await client.query("LISTEN registry");
    listener = client;
  }

  /** one at a time: several workers ask */
  let reading: Promise<DeviceRegistry> | undefined;

  async function read(): Promise<DeviceRegistry> {
    if (listener === undefined) await listen();
    // A change that comes while we read makes what we read stale again.
    fresh = true;
    try {
      return (registry = await loadDeviceRegistry(pool));
    } catch (error) {
      fresh = false;
      throw error;
    }
  }

  return {
    async current() {
      if (registry !== undefined && fresh && listener !== undefined) return registry;
      reading ??= read().finally(() => (reading = undefined));
      return reading;
    },
    lastKnown: () => registry,
    invalidate: () => (fresh = false),
    async close() {
      closed = true;
      await reading?.catch(() => undefined);
      const client = listener;
      listener = undefined;
      client?.release(true);
    },
  };
}
