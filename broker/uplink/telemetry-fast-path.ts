import type { Acceptance } from "./accept.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import type { ParsedPublish, PublishFastPath } from "../mqtt/publish-packet.ts";
import type { Session } from "../session/session.ts";

/**
 * The way of most messages: a reading at QoS 0 or 1 goes from the guard to the journal, past the broker library, and
 * its PUBACK from the journal to the guard. Everything else, also what is forbidden, is the library's to handle.
 */
export class TelemetryFastPath implements PublishFastPath {
  readonly #acceptance: Acceptance;
  readonly #session: Session;
  readonly #connection: MqttConnection;

  constructor(acceptance: Acceptance, session: Session, connection: MqttConnection) {
    this.#acceptance = acceptance;
    this.#session = session;
    this.#connection = connection;
  }

  /** Whether a publish on this topic is a reading that this sender may send. */
  accepts(topic: string): boolean {
    return this.#session.senderForTopic(topic) !== undefined;
  }

  /** Takes one; the connection hears of it by `settled` once it is on disk, and ends when it never will be. */
  handle({ topic, payload, packetId }: ParsedPublish): void {
    const session = this.#session;
    session.addPending();
    this.#acceptance.acceptReading(session, session.senderForTopic(topic)!, topic, payload, (error) => {
      if (error) this.#connection.destroy(error);
      else this.#connection.publishStored(packetId);
      session.settlePending();
    });
  }
}
