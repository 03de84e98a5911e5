import type { AuthMethod } from "../auth/authenticate.ts";
import { deviceOfUplink, mayPublish, type Principal } from "../auth/authorize.ts";
import { parseUplinkTopic } from "../contract/topics.ts";

/** setTimeout takes no more than 2³¹ − 1 ms */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** topics of one gateway whose judgement is remembered */
const MAX_KNOWN_TOPICS = 4096;
/** longer ones (64 KB are allowed) are judged each time */
const MAX_KNOWN_LENGTH = 512;

/** One authenticated connection, and the order of its acknowledgements. */
export class Session {
  readonly principal: Principal;
  readonly clientId: string;
  /** what it was let in by */
  readonly authMethod: AuthMethod;
  /** ends the connection */
  readonly disconnect: (reason: string) => void;
  /** open filters with the QoS that was granted */
  readonly grantedQos = new Map<string, number>();
  /** a newer connection of the same client id has taken over */
  takenOver = false;
  /** sends the PUBACKs that are ready, so that another may follow them */
  readonly flushAcks: () => void;
  /** made with the first reading: most of a large fleet is silent most of the time */
  #senders: Map<string, string> | undefined;
  #begun = 0;
  #settled = 0;
  #behind: Array<{ after: number; done: () => void }> = [];

  constructor(
    principal: Principal,
    clientId: string,
    proof: AuthMethod,
    connection: { cut: (reason: string) => void; answer: () => void },
  ) {
    this.principal = principal;
    this.clientId = clientId;
    this.authMethod = proof;
    this.disconnect = connection.cut;
    this.flushAcks = connection.answer;
  }

  /**
   * Under whose name a reading on this topic goes into the journal; undefined: it is no reading, or not this sender's to
   * send. Judged once per topic: a sender whose rights change is cut.
   */
  senderForTopic(topic: string): string | undefined {
    const known = this.#senders?.get(topic);
    if (known !== undefined) return known;
    const deviceId = deviceOfUplink(this.principal, topic);
    if (deviceId === undefined || !mayPublish(this.principal, topic, deviceId)) return undefined;
    // A topic that does not name the device itself is put down under it, for ingest to find.
    const sender = parseUplinkTopic(topic) ? this.principal.id : deviceId;
    if (topic.length > MAX_KNOWN_LENGTH) return sender;
    this.#senders ??= new Map();
    if (this.#senders.size >= MAX_KNOWN_TOPICS) this.#senders.clear();
    this.#senders.set(topic, sender);
    return sender;
  }

  /** A publish of this connection goes to the journal. */
  addPending(): void {
    this.#begun++;
  }

  /** The oldest one that was begun has its answer from the journal. */
  settlePending(): void {
    this.#settled++;
    while (this.#behind.length > 0 && this.#behind[0]!.after <= this.#settled) this.#behind.shift()!.done();
  }

  /** Runs `done` once everything begun so far has settled: PUBACKs leave in order of receipt [MQTT-4.6.0-2]. */
  afterPending(done: () => void): void {
    const answerInTurn = (): void => {
      this.flushAcks();
      done();
    };
    if (this.#settled === this.#begun) answerInTurn();
    else this.#behind.push({ after: this.#begun, done: answerInTurn });
  }
}

/** Every live session, by who it is. */
export class Sessions {
  readonly #byClient = new Map<string, Session>();
  readonly #expiry = new Map<Session, NodeJS.Timeout>();

  /** Takes the client id over from whoever held it [MQTT-3.1.4-2]. */
  add(session: Session): void {
    const older = this.#byClient.get(session.clientId);
    if (older) older.takenOver = true;
    this.#byClient.set(session.clientId, session);
    if (session.authMethod.type === "token") this.#cutWhenExpired(session, session.authMethod.expiresAt);
  }

  remove(session: Session): void {
    if (this.#byClient.get(session.clientId) === session) this.#byClient.delete(session.clientId);
    clearTimeout(this.#expiry.get(session));
    this.#expiry.delete(session);
  }

  #cutWhenExpired(session: Session, expiresAt: number): void {
    const left = expiresAt - Date.now();
    const look = (): void => {
      if (left > LONGEST_TIMER_MS) this.#cutWhenExpired(session, expiresAt);
      else session.disconnect("its token has expired");
    };
    this.#expiry.set(session, setTimeout(look, Math.min(left, LONGEST_TIMER_MS)));
  }

  get size(): number {
    return this.#byClient.size;
  }

  /** Ends every connection that would no longer be let in. */
  disconnectUnless(isWelcome: (session: Session) => boolean, reason: string): void {
    for (const session of this.#byClient.values()) if (!isWelcome(session)) session.disconnect(reason);
  }
}
