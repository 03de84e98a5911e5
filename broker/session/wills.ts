/** The part of the broker that wills need. */
export interface BrokerIdentity {
  id: string;
}

/** A will message, under the names Aedes reads. */
export interface Will {
  topic: string;
  clientId?: string;
  /** the broker whose client it is */
  brokerId?: string;
}

/** The wills of connected clients (section 3.1.2.5). */
export class Wills {
  broker: BrokerIdentity | undefined;
  readonly #byClient = new Map<string, Will>();

  put(clientId: string, will: Will): void {
    this.#byClient.set(clientId, Object.assign(will, { clientId, brokerId: this.broker?.id }));
  }

  get(clientId: string): Will | undefined {
    return this.#byClient.get(clientId);
  }

  take(clientId: string): Will | undefined {
    const will = this.#byClient.get(clientId);
    this.#byClient.delete(clientId);
    return will;
  }

  /** @param brokers the brokers that are alive, by id */
  ofOtherBrokers(brokers: Readonly<Record<string, unknown>>): Will[] {
    return [...this.#byClient.values()].filter(({ brokerId }) => !(brokerId !== undefined && brokers[brokerId]));
  }
}
