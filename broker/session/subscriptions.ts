import type { AuditLog } from "../auth/audit-log.ts";
import type { DeviceWarnings } from "../auth/device-warnings.ts";
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
  payload: unknown;
  qos: number;
  /** a message from the queue of a session has its packet id already */
  messageId?: number | undefined;
}

/** Which subscriptions are granted, and which messages then leave, at which QoS. */
export class Subscriptions {
  readonly #audit: AuditLog;
  readonly #warnings: DeviceWarnings;
  readonly #maxPerSession: number;
  readonly #denied: readonly string[];

  constructor(audit: AuditLog, warnings: DeviceWarnings, maxPerSession: number, denied: readonly string[]) {
    this.#audit = audit;
    this.#warnings = warnings;
    this.#maxPerSession = maxPerSession;
    this.#denied = denied;
  }

  /** @returns the subscription for Aedes; null: it is refused, and answered with 0x80 [MQTT-3.9.3-2] */
  authorize<S extends Subscription>(session: Session | undefined, clientId: string, subscription: S): S | null {
    const { topic, qos } = subscription;
    if (!session) return null;
    const reason = this.#refusal(session, topic);
    if (reason !== undefined) {
      this.#warnings.record(session.principal, clientId, "forbidden_subscribe", topic);
      this.#audit.recordDenied({ actor: clientId, action: "mqtt.subscribe", subject: topic, reason });
      return null;
    }
    session.grantedQos.set(topic, qos);
    // To Aedes all are of QoS 2, so that none of several that match lowers a message before `forward` has decided.
    return { ...subscription, qos: 2 };
  }

  /** Why a subscription is refused; undefined: it is granted. */
  #refusal(session: Session, filter: string): string | undefined {
    if (!maySubscribe(session.principal, filter, this.#denied)) return "not allowed";
    const isFull = session.grantedQos.size >= this.#maxPerSession && !session.grantedQos.has(filter);
    return isFull ? `more than ${this.#maxPerSession} filters` : undefined;
  }

  /** The last check before a message is written to a subscriber; null: the client does not get it. */
  forward<D extends Delivery>(session: Session | undefined, delivery: D): D | null {
    if (!session || !mayReceive(session.principal, delivery.topic)) return null;
    const isQueued = delivery.messageId !== undefined;
    const qos = effectiveQos(session.grantedQos, delivery.topic, delivery.qos, isQueued);
    if (qos === undefined) return null;
    delivery.qos = qos;
    if (qos > 0 && !isQueued) {
      delivery.messageId = session.packetIds.next();
      session.awaitedAcks?.recordSent(delivery);
    }
    return delivery;
  }
}
