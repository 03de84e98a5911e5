import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { type CredentialSnapshot, readSnapshot, writeSnapshot } from "./credential-snapshot.ts";
import {
  type AccountCredentials,
  type DeviceCredentials,
  selectAccounts,
  selectDevices,
  selectDeviceIdBySecret,
} from "./credential-queries.ts";
import type { Subscriber } from "../postgres-listener.ts";

const SNAPSHOT_DELAY_MS = 1000;
const RETRY_MS = 1000;
/** limit for `reload`, so that guessed names do not load Postgres */
const MAX_RELOADS_PER_S = 50;
const RELOAD_TIMEOUT_MS = 2000;
/** how long `start` waits for Postgres before it reads the snapshot */
const START_TIMEOUT_MS = 3000;

/**
 * The credentials of all devices and service accounts in memory, so that authentication needs no query. `start` loads
 * them, notifications on the channel `device` keep them current. Until Postgres answers for the first time, the last
 * snapshot on disk is used.
 */
export class CredentialCache implements Subscriber {
  readonly channel = "device";
  readonly #pool: Pool;
  readonly #path: string;
  readonly #log: Logger;
  readonly #devices = new Map<string, DeviceCredentials>();
  readonly #accounts = new Map<string, AccountCredentials>();
  /** devices that send their access token as user name (ThingsBoard), by its hex SHA-256 */
  readonly #byAccessToken = new Map<string, DeviceCredentials>();
  /** ids to reload; null: all */
  #stale: Set<string> | null = new Set();
  #work: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #snapshotTimer: NodeJS.Timeout | undefined;
  #snapshotWork: Promise<void> = Promise.resolve();
  #loaded = false;
  #closed = false;
  #reloads = { second: 0, times: 0 };
  /** called after a refresh, so that connections with outdated credentials can be closed */
  onChanged: (() => void) | undefined;

  constructor(pool: Pool, dataDir: string, log: Logger) {
    this.#pool = pool;
    this.#path = join(dataDir, "broker-credentials.json");
    this.#log = log;
  }

  /** False until Postgres or a snapshot has been read. */
  get isLoaded(): boolean {
    return this.#loaded;
  }

  device(id: string): DeviceCredentials | undefined {
    return this.#devices.get(id);
  }

  /** The device with this access token. @param sha256 of the token, in hex */
  deviceByAccessToken(sha256: string): DeviceCredentials | undefined {
    return this.#byAccessToken.get(sha256);
  }

  account(id: string): AccountCredentials | undefined {
    return this.#accounts.get(id);
  }

  /** Loads the credentials from Postgres, or from the snapshot where Postgres does not answer in time. */
  async start(): Promise<void> {
    this.onListening();
    const timeout = new AbortController();
    await Promise.race([
      this.#work,
      delay(START_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
    ]);
    timeout.abort();
    if (this.#loaded) return;
    try {
      const snapshot = await readSnapshot(this.#path);
      if (snapshot && !this.#loaded) {
        this.#replaceAll(snapshot);
        this.#log.warn("broker: Postgres is unavailable; devices are authenticated from the last credential snapshot");
      }
    } catch (cause) {
      this.#log.error({ err: cause }, "broker: no credentials until Postgres is available");
    }
  }

  onListening(): void {
    this.#stale = null;
    this.#refresh();
  }

  onNotify(id: string): void {
    this.#stale?.add(id);
    this.#refresh();
  }

  /**
   * Reloads one device or account: a device that was just added may connect before the notification of it arrives.
   * @returns "throttled" beyond 50 reloads a second; "unavailable" where Postgres does not answer, so that the device may
   * exist although the cache does not know it
   */
  async reload(id: string): Promise<"reloaded" | "throttled" | "unavailable"> {
    if (this.#stale === null) return "unavailable";
    if (!this.#mayReload()) return "throttled";
    this.#stale.add(id);
    this.#refresh();
    const timeout = new AbortController();
    const timedOut = delay(RELOAD_TIMEOUT_MS, false, { signal: timeout.signal }).catch(() => false);
    const refreshed = await Promise.race([this.#isRefreshed(id), timedOut]);
    timeout.abort();
    return refreshed ? "reloaded" : "unavailable";
  }

  /** Reloads the device with this access token. @param sha256 of the token, in hex @returns whether it was reloaded */
  async reloadByAccessToken(sha256: string): Promise<boolean> {
    if (!this.#loaded || !this.#mayReload()) return false;
    try {
      const id = await selectDeviceIdBySecret(this.#pool, sha256);
      return id !== undefined && (await this.reload(id)) === "reloaded";
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: an access token could not be looked up");
      return false;
    }
  }

  #mayReload(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#reloads.second) this.#reloads = { second, times: 0 };
    if (this.#reloads.times >= MAX_RELOADS_PER_S) return false;
    this.#reloads.times += 1;
    return true;
  }

  async #isRefreshed(id: string): Promise<boolean> {
    // A refresh that is already running may not include this id. Then the next one does.
    while (this.#work !== undefined && !this.#closed) {
      const inNextRefresh = this.#stale === null || this.#stale.has(id);
      await this.#work;
      if (!inNextRefresh) return true;
    }
    return this.#stale !== null && !this.#stale.has(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#work;
    if (this.#snapshotTimer) this.#saveNow();
    await this.#snapshotWork;
  }

  #refresh(): void {
    if (this.#work || this.#closed) return;
    clearTimeout(this.#retry);
    this.#work = this.#readStale().then((done) => {
      this.#work = undefined;
      if (this.#stale === null || this.#stale.size > 0) {
        if (done) this.#refresh();
        else if (!this.#closed) this.#retry = setTimeout(() => this.#refresh(), RETRY_MS);
      }
    });
  }

  async #readStale(): Promise<boolean> {
    const ids = this.#stale && [...this.#stale];
    this.#stale = new Set();
    try {
      const [devices, accounts] = await Promise.all([selectDevices(this.#pool, ids), selectAccounts(this.#pool, ids)]);
      if (ids === null) this.#replaceAll({ devices, accounts });
      else {
        for (const id of ids) {
          this.#remove(id);
        }
        this.#add({ devices, accounts });
      }
      this.onChanged?.();
      this.#saveSoon();
      return true;
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: credentials could not be read, retrying");
      const newlyStale: Set<string> | null = this.#stale;
      this.#stale = ids === null || newlyStale === null ? null : new Set([...ids, ...newlyStale]);
      return false;
    }
  }

  #replaceAll(all: CredentialSnapshot): void {
    this.#devices.clear();
    this.#byAccessToken.clear();
    this.#accounts.clear();
    this.#add(all);
    this.#loaded = true;
  }

  #remove(id: string): void {
    for (const secret of this.#devices.get(id)?.secrets ?? []) this.#byAccessToken.delete(secret);
    this.#devices.delete(id);
    this.#accounts.delete(id);
  }

  #add({ devices, accounts }: CredentialSnapshot): void {
    for (const device of devices) {
      this.#devices.set(device.id, device);
      if (device.decoder === "thingsboard") {
        for (const secret of device.secrets) this.#byAccessToken.set(secret, device);
      }
    }
    for (const account of accounts) this.#accounts.set(account.id, account);
  }

  #saveSoon(): void {
    if (this.#closed) return;
    this.#snapshotTimer ??= setTimeout(() => this.#saveNow(), SNAPSHOT_DELAY_MS);
  }

  #saveNow(): void {
    clearTimeout(this.#snapshotTimer);
    this.#snapshotTimer = undefined;
    const snapshot = { devices: [...this.#devices.values()], accounts: [...this.#accounts.values()] };
    this.#snapshotWork = this.#snapshotWork
      .then(() => writeSnapshot(this.#path, snapshot))
      .catch((cause: unknown) => this.#log.error({ err: cause }, "broker: the credential snapshot was not written"));
  }
}
