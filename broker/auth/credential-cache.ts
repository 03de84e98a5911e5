import { join } from "node:path";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { CredentialLookup } from "./credential-lookup.ts";
import { type CredentialSnapshot, readSnapshot, writeSnapshot } from "./credential-snapshot.ts";
import {
  type AccountCredentials,
  type DeviceCredentials,
  selectAccounts,
  selectDevices,
  selectDeviceIdsBySecret,
} from "./credential-queries.ts";
import type { Subscriber } from "../postgres/listener.ts";
import { endsWithin } from "../time-limit.ts";

const SNAPSHOT_DELAY_MS = 1000;
const RETRY_MS = 1000;
/** between two queries for names that clients use, so that guessed names do not load Postgres */
const LOOKUP_PAUSE_MS = 20;
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
  #isAway = false;
  #closed = false;
  #lookup: CredentialLookup | undefined;
  #lookupPause: NodeJS.Timeout | undefined;
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
    await endsWithin(this.#work ?? Promise.resolve(), START_TIMEOUT_MS);
    if (this.#loaded) return;
    try {
      const snapshot = await readSnapshot(this.#path);
      if (snapshot && !this.#loaded) {
        this.#replaceAll(snapshot);
        this.#log.warn("broker: Postgres is unavailable; devices are authenticated from the last credential snapshot");
      }
    } catch (cause) {
      this.#log.error(
        { err: cause },
        "broker: credential snapshot could not be read; no client can connect until Postgres is available",
      );
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
   * @returns "busy" when a thousand others wait already; "unavailable" where Postgres does not answer. In both cases the
   * device may exist although the cache does not know it
   */
  async reload(id: string): Promise<"reloaded" | "busy" | "unavailable"> {
    return await this.#lookUp((lookup) => lookup.addName(id));
  }

  /** Reloads the device with this access token. @param sha256 of the token, in hex @returns whether it was reloaded */
  async reloadByAccessToken(sha256: string): Promise<boolean> {
    return this.#loaded && (await this.#lookUp((lookup) => lookup.addAccessToken(sha256))) === "reloaded";
  }

  async #lookUp(add: (lookup: CredentialLookup) => void): Promise<"reloaded" | "busy" | "unavailable"> {
    if (this.#stale === null || this.#closed) return "unavailable";
    this.#lookup ??= new CredentialLookup();
    if (this.#lookup.isFull) return "busy";
    add(this.#lookup);
    const { done } = this.#lookup;
    if (!this.#lookupPause) this.#refresh();
    return (await endsWithin(done, RELOAD_TIMEOUT_MS)) && (await done) ? "reloaded" : "unavailable";
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#lookupPause);
    this.#lookup?.settle(false);
    await this.#work;
    if (this.#snapshotTimer) this.#saveNow();
    await this.#snapshotWork;
  }

  #refresh(): void {
    if (this.#work || this.#closed) return;
    clearTimeout(this.#retry);
    this.#work = this.#readStale().then((isDone) => {
      this.#work = undefined;
      const isLookupDue = this.#lookup !== undefined && !this.#lookupPause;
      if (this.#stale !== null && this.#stale.size === 0 && !isLookupDue) return;
      if (isDone) this.#refresh();
      else if (!this.#closed) this.#retry = setTimeout(() => this.#refresh(), RETRY_MS);
    });
  }

  /** Reads what notifications and clients have named. @returns false where Postgres is unavailable */
  async #readStale(): Promise<boolean> {
    const ids = this.#stale && [...this.#stale];
    this.#stale = new Set();
    const lookup = this.#takeLookup();
    try {
      const asked =
        ids && lookup ? [...lookup.names, ...(await selectDeviceIdsBySecret(this.#pool, lookup.accessTokens))] : [];
      const names = ids && [...new Set([...ids, ...asked])];
      const [devices, accounts] = await Promise.all([
        selectDevices(this.#pool, names),
        selectAccounts(this.#pool, names),
      ]);
      const before = this.#textOf(asked);
      if (names === null) this.#replaceAll({ devices, accounts });
      else {
        for (const name of names) this.#remove(name);
        this.#add({ devices, accounts });
      }
      // Names that do not exist, which anybody can make up, change nothing.
      if (ids === null || ids.length > 0 || this.#textOf(asked) !== before) {
        this.onChanged?.();
        this.#saveSoon();
      }
      this.#isAway = false;
      lookup?.settle(true);
      return true;
    } catch (cause) {
      // Once an outage: every client that connects asks again.
      if (!this.#isAway) this.#log.warn({ err: cause }, "broker: credentials could not be read, retrying");
      this.#isAway = true;
      const newlyStale: Set<string> | null = this.#stale;
      this.#stale = ids === null || newlyStale === null ? null : new Set([...ids, ...newlyStale]);
      // These clients are told to try again.
      lookup?.settle(false);
      return false;
    }
  }

  /** The names that clients wait for. Those after them wait for the next query, a moment later. */
  #takeLookup(): CredentialLookup | undefined {
    const lookup = this.#lookup;
    this.#lookup = undefined;
    if (lookup && !this.#lookupPause)
      this.#lookupPause = setTimeout(() => {
        this.#lookupPause = undefined;
        if (this.#lookup) this.#refresh();
      }, LOOKUP_PAUSE_MS);
    return lookup;
  }

  #textOf(names: readonly string[]): string {
    return JSON.stringify(names.map((name) => [this.#devices.get(name), this.#accounts.get(name)]));
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
