import type { Pool } from "pg";
import { type DeviceRegistry, type LoadedRegistry, loadDeviceRegistry } from "../queries/device-registry.ts";

export interface DeviceRegistryCache {
  /** the registry; when something in it has changed, that is read first */
  current(): Promise<DeviceRegistry>;
  /** what `current` returned last: for steps that go on while Postgres is away */
  lastKnown(): DeviceRegistry | undefined;
  /** makes `current` read what has changed: a commit was refused for it */
  invalidate(): void;
  close(): Promise<void>;
}

/** The process's one connection that listens for Postgres notifications. */
export interface PostgresListener {
  /** @returns a function that ends the subscription */
  subscribe(subscriber: {
    channel: string;
    onNotify(payload: string): void;
    onListening(): void;
    onLost?(): void;
  }): () => void;
}

/**
 * Keeps the registry in memory. After a notification, and for every call while the listener has no connection, `current`
 * reads what has changed. Correctness rests on the check of every commit, so a short command needs no listener.
 */
export async function openDeviceRegistry(pool: Pool, listener?: PostgresListener): Promise<DeviceRegistryCache> {
  let registry: LoadedRegistry | undefined;
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
  let loading: Promise<LoadedRegistry> | undefined;

  async function load(): Promise<LoadedRegistry> {
    // Set before loading: a change during the load invalidates its result.
    isCurrent = true;
    try {
      return (registry = await loadDeviceRegistry(pool, registry));
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
