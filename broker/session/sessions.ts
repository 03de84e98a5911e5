import type { Logger } from "pino";
import { endsWithin } from "../time-limit.ts";
import type { Session } from "./session.ts";

/** setTimeout takes no more than 2³¹ − 1 ms */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** how long a new connection waits for the end of the one whose client id it takes over */
const TAKEOVER_MS = 5000;

/** When a session ends by itself, epoch milliseconds; undefined: never. */
const expiryOf = ({ authMethod, principal }: Session): number | undefined =>
  authMethod.type === "token" ? authMethod.expiresAt : principal.type === "account" ? principal.expiresAt : undefined;

/** The sessions of authenticated connections; of each client id the newest. */
export class Sessions {
  readonly #byClientId = new Map<string, Session>();
  readonly #byClient = new WeakMap<object, Session>();
  readonly #expiry = new Map<Session, NodeJS.Timeout>();
  readonly #log: Logger;
  readonly #takeoverMs: number;

  constructor(log: Logger, takeoverMs = TAKEOVER_MS) {
    this.#log = log;
    this.#takeoverMs = takeoverMs;
  }

  /** undefined: the client is not authenticated */
  of(client: object | null | undefined): Session | undefined {
    return client ? this.#byClient.get(client) : undefined;
  }

  /**
   * Takes the client id over from the connection that holds it [MQTT-3.1.4-2], and resolves when that connection has
   * ended. Aedes 1.2.0 does not wait for one that is closing already, whose end then removes the new one from its list.
   * One that does not end in time counts as ended, so that no device is locked out by its own past.
   */
  async add(session: Session): Promise<void> {
    const older = this.#byClientId.get(session.clientId);
    this.#byClientId.set(session.clientId, session);
    this.#byClient.set(session.client, session);
    const expiresAt = expiryOf(session);
    if (expiresAt !== undefined) this.#disconnectWhenExpired(session, expiresAt);
    if (!older) return;
    older.takenOver = true;
    older.client.close();
    if (!(await endsWithin((session.predecessorEnded = older.ended()), this.#takeoverMs))) {
      this.#log.warn(
        { client: session.clientId },
        "broker: the older connection of a client that has reconnected does not end in time",
      );
      this.remove(older);
    }
    session.predecessorEnded = undefined;
    if (session.hasEnded) this.#release(session);
  }

  /** The connection has ended. */
  remove(session: Session): void {
    clearTimeout(this.#expiry.get(session));
    this.#expiry.delete(session);
    session.end();
    // Until its predecessor has ended, the next connection has to wait for both.
    if (!session.predecessorEnded) this.#release(session);
  }

  /** Ends every connection that would not be authenticated again. */
  disconnectUnless(isAuthorized: (session: Session) => boolean, reason: string): void {
    for (const session of this.#byClientId.values()) if (!isAuthorized(session)) session.disconnect(reason);
  }

  #release(session: Session): void {
    if (this.#byClientId.get(session.clientId) === session) this.#byClientId.delete(session.clientId);
  }

  #disconnectWhenExpired(session: Session, expiresAt: number): void {
    const leftMs = expiresAt - Date.now();
    const check = (): void => {
      if (leftMs > LONGEST_TIMER_MS) this.#disconnectWhenExpired(session, expiresAt);
      else session.disconnect("its token or account has expired");
    };
    this.#expiry.set(session, setTimeout(check, Math.min(leftMs, LONGEST_TIMER_MS)));
  }
}
