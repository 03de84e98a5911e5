import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import type { Logger } from "pino";
import { oidcAway } from "./away.ts";

/** An unknown key id may be new. Forged tokens cause at most one request to the provider in this time. */
const COOLDOWN_MS = 30_000;
/** While there are no keys at all, they are asked for this often at most. */
const FIRST_RETRY_MS = 5000;
/** Keys are asked for again at this age, beside the requests that use them. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** Keys of a provider that has not answered for so long are no longer believed. */
const MAX_AGE_MS = 24 * 3_600_000;

interface Loaded {
  find: ReturnType<typeof createLocalJWKSet>;
  atMs: number;
}

/**
 * The signing keys of a provider. They stay in use while it is away, and its new keys are found when they are first used.
 * (jose's `createRemoteJWKSet` refuses every token once its keys are ten minutes old and the provider is away, and asks it
 * for every forged token then.)
 */
export class RemoteKeys {
  readonly #load: () => Promise<JSONWebKeySet>;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  #loaded: Loaded | undefined;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;

  /** @param nowMs the monotonic clock */
  constructor(load: () => Promise<JSONWebKeySet>, log: Logger, nowMs: () => number) {
    this.#load = load;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /**
   * The key of a token, for jose's `jwtVerify`.
   * @throws Problem 503 while there are no keys to be had, JWKSNoMatchingKey when the provider has no such key
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const loaded = await this.#current();
    try {
      return await loaded.find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayTry(COOLDOWN_MS)) throw error;
      await this.#reload();
      return this.#loaded!.find(header, token);
    }
  };

  async #current(): Promise<Loaded> {
    const now = this.#nowMs();
    if (this.#loaded && now - this.#loaded.atMs < MAX_AGE_MS) {
      if (now - this.#loaded.atMs >= REFRESH_AFTER_MS && this.#mayTry(COOLDOWN_MS)) void this.#reload();
      return this.#loaded;
    }
    this.#loaded = undefined;
    if (this.#loading || this.#mayTry(FIRST_RETRY_MS)) await this.#reload();
    if (!this.#loaded) throw oidcAway();
    return this.#loaded;
  }

  #mayTry(afterMs: number): boolean {
    return this.#nowMs() - this.#triedAtMs >= afterMs;
  }

  /** Never fails: what was loaded before stays. */
  #reload(): Promise<void> {
    this.#triedAtMs = this.#nowMs();
    return (this.#loading ??= this.#load()
      .then((keys) => {
        this.#loaded = { find: createLocalJWKSet(keys), atMs: this.#nowMs() };
      })
      .catch((error: unknown) => this.#log.warn({ err: error }, "the keys of the identity provider could not be read"))
      .finally(() => (this.#loading = undefined)));
  }
}
