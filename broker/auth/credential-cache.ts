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
/** looks at single names in Postgres, at most */
const READS_AGAIN_PER_S = 50;
const READ_AGAIN_MS = 2000;
/** how long a start waits for Postgres before it looks for the snapshot */
const START_MS = 3000;

/**
 * Who may connect, in memory: authentication costs no query. Filled by `start`, kept true by the `device` channel,
 * and by the last snapshot on disk while Postgres has not been heard of yet.
 */
export class CredentialCache implements Subscriber {
  readonly channel = "device";
  readonly #pool: Pool;
  readonly #path: string;
  readonly #log: Logger;
  readonly #devices = new Map<string, DeviceCredentials>();
  readonly #accounts = new Map<string, AccountCredentials>();
  /** devices whose user name is their secret, by its hex SHA-256 */
  readonly #byAccessToken = new Map<string, DeviceCredentials>();
  /** ids to read again; null: everything */
  #stale: Set<string> | null = new Set();
  #work: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #snapshotTimer: NodeJS.Timeout | undefined;
  #snapshotWork: Promise<void> = Promise.resolve();
  #filled = false;
  #closed = false;
  #readAgain = { second: 0, times: 0 };
  /** called after credentials were read again: connections that live by old ones are to be cut */
  onChanged: (() => void) | undefined;

  constructor(pool: Pool, dataDir: string, log: Logger) {
    this.#pool = pool;
    this.#path = join(dataDir, "broker-credentials.json");
    this.#log = log;
  }

  /** False until Postgres or a snapshot has said who exists. */
  get isLoaded(): boolean {
    return this.#filled;
  }

  device(id: string): DeviceCredentials | undefined {
    return this.#devices.get(id);
  }

  /** The device that names itself by its secret (`thingsboard`); `sha256` in hex. */
  deviceByAccessToken(sha256: string): DeviceCredentials | undefined {
    return this.#byAccessToken.get(sha256);
  }

  account(id: string): AccountCredentials | undefined {
    return this.#accounts.get(id);
  }

  /** Resolves when Postgres was read, or could not be and the snapshot was looked for instead. */
  async start(): Promise<void> {
    this.onListening();
    const patience = new AbortController();
    await Promise.race([this.#work, delay(START_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
    if (this.#filled) return;
    try {
      const snapshot = await readSnapshot(this.#path);
      if (snapshot && !this.#filled) {
        this.#replace(snapshot);
        this.#log.warn("broker: Postgres is away; devices are checked against the last credential snapshot");
      }
    } catch (cause) {
      this.#log.error({ err: cause }, "broker: no credentials until Postgres is back");
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
   * Reads one name again now: whoever was registered a moment ago may connect sooner than the notice of it comes. Bounded,
   * so that guessed names cost Postgres nothing to speak of.
   * @returns "away" where Postgres does not answer, so that nobody knows whether there is one of that name by now
   */
  async reload(id: string): Promise<"read" | "not asked" | "away"> {
    if (this.#stale === null) return "away";
    if (!this.#mayReadAgain()) return "not asked";
    this.#stale.add(id);
    this.#refresh();
    const patience = new AbortController();
    const timeout = delay(READ_AGAIN_MS, false, { signal: patience.signal }).catch(() => false);
    const read = await Promise.race([this.#hasRead(id), timeout]);
    patience.abort();
    return read ? "read" : "away";
  }

  /** The same for a device that names itself by its secret. @param sha256 of the secret, in hex */
  async reloadByAccessToken(sha256: string): Promise<boolean> {
    if (!this.#filled || !this.#mayReadAgain()) return false;
    try {
      const id = await selectDeviceIdBySecret(this.#pool, sha256);
      return id !== undefined && (await this.reload(id)) === "read";
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: a device's secret could not be looked for");
      return false;
    }
  }

  #mayReadAgain(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#readAgain.second) this.#readAgain = { second, times: 0 };
    if (this.#readAgain.times >= READS_AGAIN_PER_S) return false;
    this.#readAgain.times += 1;
    return true;
  }

  async #hasRead(id: string): Promise<boolean> {
    // The refresh under way may have begun without this id; the next one takes it.
    while (this.#work !== undefined && !this.#closed) {
      const waits = this.#stale === null || this.#stale.has(id);
      await this.#work;
      if (!waits) return true;
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
      if (ids === null) this.#replace({ devices, accounts });
      else {
        for (const id of ids) {
          this.#forget(id);
        }
        this.#add({ devices, accounts });
      }
      this.onChanged?.();
      this.#saveSoon();
      return true;
    } catch (cause) {
      this.#log.warn({ err: cause }, "broker: credentials could not be read; trying again");
      const since: Set<string> | null = this.#stale;
      this.#stale = ids === null || since === null ? null : new Set([...ids, ...since]);
      return false;
    }
  }

  #replace(all: CredentialSnapshot): void {
    this.#devices.clear();
    this.#byAccessToken.clear();
    this.#accounts.clear();
    this.#add(all);
    this.#filled = true;
  }

  #forget(id: string): void {
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
