import type { Pool } from "pg";
import { type DeviceRegistry, loadDeviceRegistry } from "../queries/device-registry.ts";

export interface DeviceRegistryCache {
  /** the registry; loaded again when anything in it has changed */
  current(): Promise<DeviceRegistry>;
  /** what `current` returned last: for steps that go on while Postgres is away */
  lastKnown(): DeviceRegistry | undefined;
  /** makes `current` load the registry again: a commit was refused because the registry has changed */
  invalidate(): void;
  close(): Promise<void>;
}

/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: { channel: string; onNotify(): void; onListening(): void; onLost(): void }): () => void;
}

/**
 * Keeps the registry in memory. A notification invalidates it; while the listener has no connection, every call of
 * `current` loads it. Correctness rests on the version check of every commit, so a short command needs no listener.
 */
export async function openDeviceRegistry(pool: Pool, listener?: PostgresListener): Promise<DeviceRegistryCache> {
  let registry: DeviceRegistry | undefined;
  let isListening = listener === undefined;
  let isCurrent = false;
  const unsubscribe = listener?.subscribe({
    channel: "registry",
    onNotify: () => (isCurrent = false),
    onListening() {
      isListening = true;
      isCurrent = false;
    },
    onLost: () => (isListening = false),
  });

  /** the load in progress; workers that ask meanwhile share it */
  let loading: Promise<DeviceRegistry> | undefined;

  async function load(): Promise<DeviceRegistry> {
    // Set before loading: a change during the load invalidates its result.
    isCurrent = true;
    try {
      return (registry = await loadDeviceRegistry(pool));
    } catch (error) {
      isCurrent = false;
      throw error;
    }
  }

  return {
    async current() {
      if (registry !== undefined && isCurrent && isListening) return registry;
      loading ??= load().finally(() => (loading = undefined));
      return loading;
    },
    lastKnown: () => registry,
    invalidate: () => (isCurrent = false),
    async close() {
      unsubscribe?.();
      await loading?.catch(() => undefined);
    },
  };
}
