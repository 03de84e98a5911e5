import type { Acceptance } from "./accept.ts";
import type { GuardedConnection } from "../mqtt/connection.ts";
import type { PlainPublish, ReadingTaker } from "../mqtt/publish-packet.ts";
import type { Session } from "../session/session.ts";

/**
 * The way of most messages: a reading at QoS 0 or 1 goes from the guard to the journal, past the broker library, and
 * its PUBACK from the journal to the guard. Everything else, also what is forbidden, is the library's to handle.
 */
export class ReadingLine implements ReadingTaker {
  readonly #acceptance: Acceptance;
  readonly #session: Session;
  readonly #connection: GuardedConnection;

  constructor(acceptance: Acceptance, session: Session, connection: GuardedConnection) {
    this.#acceptance = acceptance;
    this.#session = session;
    this.#connection = connection;
  }

  /** Whether a publish on this topic is a reading that this sender may send. */
  takes(topic: string): boolean {
    return this.#session.senderForTopic(topic) !== undefined;
  }

  /** Takes one; the connection hears of it by `settled` once it is on disk, and ends when it never will be. */
  take({ topic, payload, packetId }: PlainPublish): void {
    const session = this.#session;
    session.addPending();
    this.#acceptance.keep(session, session.senderForTopic(topic)!, topic, payload, (error) => {
      if (error) this.#connection.destroy(error);
      else this.#connection.settled(packetId);
      session.settlePending();
    });
  }
}
