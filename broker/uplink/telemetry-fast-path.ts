import type { Acceptance } from "./accept.ts";
import type { MqttConnection } from "../mqtt/connection.ts";
import type { ParsedPublish, PublishFastPath } from "../mqtt/publish-packet.ts";
import type { Session } from "../session/session.ts";

/**
 * Carries readings at QoS 0 and 1, which are most messages, from the connection to the journal without Aedes, and their
 * PUBACKs back. Aedes handles everything else, forbidden publishes included.
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

  /** Whether a publish on this topic is a reading that the client may send. */
  accepts(topic: string): boolean {
    return this.#session.senderForTopic(topic) !== undefined;
  }

  /** Stores a reading, then calls the connection's `publishStored`. If it cannot be stored, the connection ends. */
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
