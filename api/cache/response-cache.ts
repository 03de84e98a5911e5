import { LRUCache } from "lru-cache";
import { changeNotice } from "../live/changes.ts";
import type { PostgresListener } from "../live/postgres-listener.ts";
import { problemFrom } from "../http/problem.ts";
import type { ApiResponse } from "../http/response.ts";
import type { CachedTopic, CacheKey } from "./kept.ts";

const TOPICS: readonly CachedTopic[] = ["shipments", "stock"];

/**
 * No response is older, milliseconds, whether notices come or not. It stays below the promised 5 s, because a response is
 * still on its way for a while.
 */
const MAX_AGE_MS = 4_000;
/**
 * What is asked for at this age is read anew meanwhile, milliseconds: else everybody would wait for Postgres each time that
 * a response has become too old.
 */
const RENEW_AFTER_MS = 2_000;
const MAX_ENTRIES = 10_000;
/** characters of JSON */
const MAX_SIZE = 32 * 1024 * 1024;
/** of an entry that is still being read */
const ASSUMED_SIZE = 4_096;

/** RFC 9211 */
const STATUS = {
  hit: "waystock; hit",
  stale: "waystock; hit; detail=unconfirmed",
  miss: "waystock; fwd=miss",
} as const;
export const HIT = STATUS.hit;
export type CacheOutcome = keyof typeof STATUS;

interface Entry {
  response: ApiResponse | Promise<ApiResponse>;
  /** `performance.now()` before Postgres was asked */
  readAt: number;
  /** of its topic, when Postgres was asked */
  generation: number;
  isRenewed?: boolean;
}

/** How often a topic has changed: in any row, and in more rows than a notice lists. */
interface Generations {
  any: number;
  all: number;
}

/**
 * Responses of this process, kept until the rows they show change. Postgres tells by the channel `changes`, once for each
 * committed batch; a change made through this process counts before it is answered. While the connection that listens is
 * lost, Postgres is asked each time, and what was kept is shown only when it does not answer; when the connection is back,
 * nothing that was kept is believed. A loss that is not noticed yet shows nothing older than `MAX_AGE_MS`.
 */
export class ResponseCache {
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES, maxSize: MAX_SIZE });
  readonly #generations: Record<CachedTopic, Generations> = {
    shipments: { any: 0, all: 0 },
    stock: { any: 0, all: 0 },
  };
  #isListening = false;
  /** how often each outcome was, since the start of this process */
  readonly counts: Record<CacheOutcome, number> = { hit: 0, stale: 0, miss: 0 };

  /** @returns a function that ends the subscription */
  watch(listener: PostgresListener): () => void {
    return listener.subscribe({
      channel: "changes",
      onNotify: (payload) => this.#onNotice(payload),
      onListening: () => {
        this.invalidate();
        this.#isListening = true;
      },
      onLost: () => {
        this.#isListening = false;
      },
    });
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Forgets everything. Call it when this process has changed something, before that is answered. */
  invalidate(): void {
    this.#entries.clear();
  }

  /** The response to `key` that may be shown now; undefined: it has to be read. */
  current(key: CacheKey): ApiResponse | undefined {
    const known = this.#entries.get(nameOf(key));
    return known !== undefined && !(known.response instanceof Promise) && this.#isCurrent(known, key)
      ? known.response
      : undefined;
  }

  /** The same, but undefined too when it is time to ask by `respond`, which has it read anew. */
  settled(key: CacheKey): ApiResponse | undefined {
    const known = this.#entries.get(nameOf(key));
    if (known === undefined || known.response instanceof Promise) return undefined;
    return this.#isCurrent(known, key) && !isDue(known) ? known.response : undefined;
  }

  /** The response to `key`: the one that is kept, or what `read` gives. Those who ask while it is read share it. */
  async respond(key: CacheKey, read: () => Promise<ApiResponse>): Promise<ApiResponse> {
    const name = nameOf(key);
    const known = this.#entries.get(name);
    if (known !== undefined && this.#isCurrent(known, key)) {
      if (isDue(known)) this.#renew(key, known, read);
      return this.#counted("hit", await known.response);
    }
    const isYoung = known !== undefined && isShowable(known);
    const entry: Entry = { ...this.#asOfNow(key), response: serialised(read) };
    this.#entries.set(name, entry, { size: ASSUMED_SIZE });
    try {
      entry.response = await entry.response;
      // It may have changed, and been forgotten, while it was read.
      if (this.#entries.peek(name) === entry) this.#entries.set(name, entry, { size: sizeOf(entry.response) });
      return this.#counted("miss", entry.response);
    } catch (error) {
      const isLatest = this.#entries.peek(name) === entry;
      if (!isYoung || this.#isListening || problemFrom(error)?.status !== 503) {
        if (isLatest) this.#entries.delete(name);
        throw error;
      }
      if (isLatest) this.#entries.set(name, known, { size: ASSUMED_SIZE });
      return this.#counted("stale", await known.response);
    }
  }

  /** Reads `key` once more, while what is known is still shown. */
  #renew(key: CacheKey, known: Entry, read: () => Promise<ApiResponse>): void {
    known.isRenewed = true;
    const name = nameOf(key);
    const asOfNow = this.#asOfNow(key);
    void serialised(read).then(
      (response) => {
        // Else it has changed meanwhile, and the change may not be in it.
        if (this.#entries.peek(name) === known) {
          this.#entries.set(name, { ...asOfNow, response }, { size: sizeOf(response) });
        }
      },
      () => {
        // What is known is shown until it is too old. Then who asks is told what is wrong.
        known.isRenewed = false;
      },
    );
  }

  #asOfNow(key: CacheKey): Pick<Entry, "readAt" | "generation"> {
    return { readAt: performance.now(), generation: this.#generationOf(key) };
  }

  #isCurrent(known: Entry, key: CacheKey): boolean {
    return this.#isListening && known.generation === this.#generationOf(key) && isShowable(known);
  }

  #generationOf({ topic, id }: CacheKey): number {
    const { any, all } = this.#generations[topic];
    return id === undefined ? any : all;
  }

  #counted(outcome: CacheOutcome, response: ApiResponse): ApiResponse {
    this.counts[outcome] += 1;
    return { ...response, headers: { ...response.headers, "Cache-Status": STATUS[outcome] } };
  }

  #onNotice(payload: string): void {
    let notice;
    try {
      notice = changeNotice.parse(JSON.parse(payload));
    } catch {
      // The feed warns of it. What it says is not known, so nothing that is kept is believed.
      return this.invalidate();
    }
    for (const topic of TOPICS) {
      const ids = notice[topic];
      if (ids === undefined) continue;
      this.#generations[topic].any += 1;
      if (ids === null) this.#generations[topic].all += 1;
      else for (const id of ids) this.#entries.delete(`${topic}:${id}`);
    }
  }
}

const nameOf = ({ topic, id, url }: CacheKey): string => (id === undefined ? url : `${topic}:${id}`);

const ageOf = ({ readAt }: Entry): number => performance.now() - readAt;
const isShowable = (entry: Entry): boolean => ageOf(entry) < MAX_AGE_MS;
const isDue = (entry: Entry): boolean =>
  entry.isRenewed !== true && !(entry.response instanceof Promise) && ageOf(entry) >= RENEW_AFTER_MS;
const sizeOf = ({ text }: ApiResponse): number => Math.max(1, text?.length ?? 0);

/** The response as it will be sent, so that it is turned into JSON once. */
async function serialised(read: () => Promise<ApiResponse>): Promise<ApiResponse> {
  const { body, ...response } = await read();
  if (body === undefined) return response;
  return {
    ...response,
    text: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...response.headers },
  };
}
