import type { AuditLog } from "../auth/audit-log.ts";
import { mayReceive, maySubscribe } from "../auth/authorize.ts";
import { effectiveQos } from "./effective-qos.ts";
import type { Session } from "./session.ts";

interface Subscription {
  /** the filter */
  topic: string;
  qos: number;
}

/** A message on its way to a subscriber. */
interface Delivery {
  topic: string;
  qos: number;
  /** a message from the queue of a session has its packet id already */
  messageId?: number | undefined;
}

/** Which subscriptions are granted, and which messages then leave, at which QoS. */
export class Subscriptions {
  readonly #audit: AuditLog;
  readonly #maxPerSession: number;
  readonly #denied: readonly string[];

  constructor(audit: AuditLog, maxPerSession: number, denied: readonly string[]) {
    this.#audit = audit;
    this.#maxPerSession = maxPerSession;
    this.#denied = denied;
  }

  /** @returns the subscription for Aedes; null: it is refused, and answered with 0x80 [MQTT-3.9.3-2] */
  authorize<S extends Subscription>(session: Session | undefined, clientId: string, subscription: S): S | null {
    const { topic, qos } = subscription;
    const allowed =
      session &&
      (session.grantedQos.has(topic) || session.grantedQos.size < this.#maxPerSession) &&
      maySubscribe(session.principal, topic, this.#denied);
    if (!allowed) {
      this.#audit.recordDenied({ actor: clientId, action: "mqtt.subscribe", subject: topic, reason: "not allowed" });
      return null;
    }
    session.grantedQos.set(topic, qos);
    // To Aedes all are of QoS 2, so that none of several that match lowers a message before `forward` has decided.
    return { ...subscription, qos: 2 };
  }

  /** The last check before a message is written to a subscriber; null: the client does not get it. */
  forward<D extends Delivery>(session: Session | undefined, delivery: D): D | null {
    if (!session || !mayReceive(session.principal, delivery.topic)) return null;
    const isQueued = delivery.messageId !== undefined;
    const qos = effectiveQos(session.grantedQos, delivery.topic, delivery.qos, isQueued);
    if (qos === undefined) return null;
    delivery.qos = qos;
    if (qos > 0 && !isQueued) delivery.messageId = session.packetIds.next();
    return delivery;
  }
}
