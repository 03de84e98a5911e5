import type { Logger } from "pino";
import { type Principal, principalName } from "../auth/principal.ts";
import type { Principals } from "../auth/principals.ts";
import type { PostgresListener } from "./postgres-listener.ts";

/** of one user or API client, of each kind */
export const MAX_STREAMS = 20;
/** How often the rights behind an open stream are checked. */
const CHECK_MS = 30_000;
/** The longest time of a timer, milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What goes on after its request was answered. */
export interface OpenStream {
  close(): void;
  /** calls `listener` once when either side has ended it; at once if it has ended already */
  onClosed(listener: () => void): void;
}

interface Entry {
  stream: OpenStream;
  principal: Principal;
}

/** Until an API client, or a token of the external identity provider, expires. */
function msUntilExpiry({ endsAtMs = Number.POSITIVE_INFINITY }: Principal): number {
  return Math.min(MAX_TIMER_MS, Math.max(0, endsAtMs - performance.now()) + 5);
}

/** Open streams, and the rights that they were opened with. A stream ends at once when the rights of its user or API client do. */
export class OpenStreams {
  readonly #principals: Principals;
  readonly #log: Logger;
  /** by the name of their principal */
  readonly #streams = new Map<string, Set<Entry>>();

  constructor(principals: Principals, listener: PostgresListener, log: Logger) {
    this.#principals = principals;
    this.#log = log;
    principals.watch(listener, (principal) => this.#recheck(principal));
  }

  countOf(principal: Principal): number {
    return this.#streams.get(principalName(principal))?.size ?? 0;
  }

  add(principal: Principal, stream: OpenStream): void {
    const entry = { stream, principal };
    const name = principalName(principal);
    const ofPrincipal = this.#streams.get(name) ?? new Set();
    this.#streams.set(name, ofPrincipal.add(entry));
    // Nobody is told when a session or a client expires.
    const check = setInterval(() => void this.#closeIfEnded(entry), CHECK_MS).unref();
    const expiry = setTimeout(() => void this.#closeIfEnded(entry), msUntilExpiry(principal)).unref();
    stream.onClosed(() => {
      clearInterval(check);
      clearTimeout(expiry);
      ofPrincipal.delete(entry);
      if (ofPrincipal.size === 0 && this.#streams.get(name) === ofPrincipal) this.#streams.delete(name);
    });
    // The session may have ended while this request was on its way.
    void this.#closeIfEnded(entry);
  }

  async #closeIfEnded({ stream, principal }: Entry): Promise<void> {
    try {
      if (!(await this.#principals.isValid(principal))) stream.close();
    } catch (error) {
      // Without Postgres its rights cannot be checked: the stream goes on until the next check.
      this.#log.debug({ err: error }, "the rights behind a live stream could not be checked");
    }
  }

  #recheck(principal: string | undefined): void {
    const concerned = principal === undefined ? [...this.#streams.values()] : [this.#streams.get(principal) ?? []];
    for (const each of concerned) for (const entry of each) void this.#closeIfEnded(entry);
  }
}
