import type { AuthMethod } from "../auth/authenticate.ts";
import { deviceOfUplink, mayPublish, type Principal } from "../auth/authorize.ts";
import { parseUplinkTopic } from "../contract/topics.ts";
import type { AwaitedAcks } from "./awaited-acks.ts";
import { PacketIds } from "./packet-ids.ts";

/** topics of one gateway whose sender is remembered */
const MAX_KNOWN_TOPICS = 4096;
/** the sender of a longer topic (64 KB are allowed) is worked out each time */
const MAX_KNOWN_LENGTH = 512;

/** The broker's side of the connection. */
export interface SessionClient {
  /** client id */
  readonly id: string;
  /** ends the connection */
  close(): void;
}

export interface SessionConnection {
  /** ends the connection, and says why in the log */
  disconnect: (reason: string) => void;
  /** sends the PUBACKs that are ready, so that another may follow them */
  flushAcks: () => void;
}

/** One authenticated connection, and the order of its acknowledgements. */
export class Session {
  readonly principal: Principal;
  readonly client: SessionClient;
  readonly authMethod: AuthMethod;
  readonly disconnect: (reason: string) => void;
  readonly flushAcks: () => void;
  /** open filters with the QoS that was granted */
  readonly grantedQos = new Map<string, number>();
  /** made with the first message of the platform to the client */
  awaitedAcks: AwaitedAcks | undefined;
  /** a newer connection of the same client id has taken over */
  takenOver = false;
  /** the broker lists the client as connected, and will say when it has disconnected */
  isRegistered = false;
  /** resolves when the connection whose client id was taken over has ended */
  predecessorEnded: Promise<void> | undefined;
  #packetIds: PacketIds | undefined;
  /** made with the first reading: most of a large fleet is silent most of the time */
  #senders: Map<string, string> | undefined;
  #pending = 0;
  #settled = 0;
  #afterPending: Array<{ count: number; run: () => void }> = [];
  #hasEnded = false;
  #onEnd: (() => void) | undefined;

  constructor(principal: Principal, client: SessionClient, authMethod: AuthMethod, connection: SessionConnection) {
    this.principal = principal;
    this.client = client;
    this.authMethod = authMethod;
    this.disconnect = connection.disconnect;
    this.flushAcks = connection.flushAcks;
  }

  get clientId(): string {
    return this.client.id;
  }

  /** of the messages to the client */
  get packetIds(): PacketIds {
    return (this.#packetIds ??= new PacketIds());
  }

  /** The session goes on with the packet ids of earlier connections. */
  set packetIds(packetIds: PacketIds) {
    this.#packetIds = packetIds;
  }

  /**
   * The device under whose id a reading on this topic goes into the journal; undefined: the topic is not one of readings,
   * or the client may not publish to it. Worked out once per topic: a client whose rights change is disconnected.
   */
  senderForTopic(topic: string): string | undefined {
    const known = this.#senders?.get(topic);
    if (known !== undefined) return known;
    const deviceId = deviceOfUplink(this.principal, topic);
    if (deviceId === undefined || !mayPublish(this.principal, topic, deviceId)) return undefined;
    // A topic that does not name the device itself is journalled under the device's id, for ingest to find.
    const sender = parseUplinkTopic(topic) ? this.principal.id : deviceId;
    if (topic.length > MAX_KNOWN_LENGTH) return sender;
    this.#senders ??= new Map();
    if (this.#senders.size >= MAX_KNOWN_TOPICS) this.#senders.clear();
    this.#senders.set(topic, sender);
    return sender;
  }

  /** A publish of this connection goes to the journal. */
  addPending(): void {
    this.#pending++;
  }

  /** The journal has answered the oldest pending publish. */
  settlePending(): void {
    this.#settled++;
    while (this.#afterPending.length > 0 && this.#afterPending[0]!.count <= this.#settled) {
      this.#afterPending.shift()!.run();
    }
  }

  /** Runs `done` when every publish that is pending now has settled: PUBACKs leave in order of receipt [MQTT-4.6.0-2]. */
  afterPending(done: () => void): void {
    const run = (): void => {
      this.flushAcks();
      done();
    };
    if (this.#settled === this.#pending) run();
    else this.#afterPending.push({ count: this.#pending, run });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The connection has ended. */
  end(): void {
    this.#hasEnded = true;
    this.#onEnd?.();
  }

  /** Resolves when this connection, and those before it with the same client id, have ended. To be called once. */
  async ended(): Promise<void> {
    await this.predecessorEnded;
    if (!this.#hasEnded) await new Promise<void>((resolve) => (this.#onEnd = resolve));
  }
}
