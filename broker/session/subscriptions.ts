import type { AuditLog } from "../auth/audit-log.ts";
import { mayReceive, maySubscribe } from "../auth/authorize.ts";
import { effectiveQos } from "./effective-qos.ts";
import type { Session } from "./session.ts";

interface Subscription {
  topic: string;
  qos: number;
}

interface Forwarded {
  topic: string;
  qos: number;
  /** one that was kept for the session has its number by now */
  messageId?: number | undefined;
}

/** What may be subscribed to, and what is then sent, at which QoS. */
export class Subscriptions {
  readonly #audit: AuditLog;
  readonly #maxPerSession: number;
  readonly #denied: readonly string[];
  /** the ones that were allowed */
  readonly granted = new WeakSet<object>();

  constructor(audit: AuditLog, maxPerSession: number, denied: readonly string[]) {
    this.#audit = audit;
    this.#maxPerSession = maxPerSession;
    this.#denied = denied;
  }

  /** @returns what is handed to Aedes; null: refused, and answered with 0x80 [MQTT-3.9.3-2] */
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
    this.granted.add(subscription);
    // To Aedes all are of QoS 2, so that none of several that match lowers a message before `forward` has decided.
    return { ...subscription, qos: 2 };
  }

  /** The last look at a message on its way to a subscriber; null: it is not for this one. */
  forward<P extends Forwarded>(session: Session | undefined, packet: P): P | null {
    if (!session || !mayReceive(session.principal, packet.topic)) return null;
    const qos = effectiveQos(session.grantedQos, packet.topic, packet.qos, packet.messageId !== undefined);
    if (qos === undefined) return null;
    packet.qos = qos;
    return packet;
  }
}
