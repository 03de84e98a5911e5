import type { Pool } from "pg";
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

/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: { channel: string; onNotify(): void; onListening(): void; onLost(): void }): () => void;
}

/**
 * Keeps the registry in memory. A notification says when it is stale; while the listener has no connection it is read
 * each time. The guard in every commit makes sure, so a command that ends soon needs no listener.
 */
export async function openDeviceRegistry(pool: Pool, listener?: PostgresListener): Promise<DeviceRegistryCache> {
  let registry: DeviceRegistry | undefined;
  let isListening = listener === undefined;
  let fresh = false;
  const unsubscribe = listener?.subscribe({
    channel: "registry",
    onNotify: () => (fresh = false),
    onListening() {
      isListening = true;
      fresh = false;
    },
    onLost: () => (isListening = false),
  });

  /** one at a time: several workers ask */
  let reading: Promise<DeviceRegistry> | undefined;

  async function read(): Promise<DeviceRegistry> {
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
      if (registry !== undefined && fresh && isListening) return registry;
      reading ??= read().finally(() => (reading = undefined));
      return reading;
    },
    lastKnown: () => registry,
    invalidate: () => (fresh = false),
    async close() {
      unsubscribe?.();
      await reading?.catch(() => undefined);
    },
  };
}
