import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { generate, type IPublishPacket } from "mqtt-packet";
import type { Logger } from "pino";
import { writeFileAtomically } from "../journal/atomic-file.ts";
import type { Acceptance } from "./accept.ts";
import { parseBridgedTopic, parseUplinkTopic } from "../contract/topics.ts";

/** messages received from the external broker and not yet on disk; beyond this, reading from it pauses */
const MAX_PENDING = 10_000;
const RECONNECT_MS = 1000;
const CLOSE_MS = 5000;

/** An external broker (Mosquitto, EMQX, HiveMQ, NATS). It has already checked who may publish what. */
export interface BridgeSettings {
  /** may contain user name and password */
  url: string;
  /** topic filters to subscribe to, usually shared subscriptions, so that several nodes share the messages */
  topics: readonly string[];
}

/**
 * Reads devices' messages from an external broker into the journal. PUBACK is sent once a message is on disk. The session
 * at the external broker is persistent, so it delivers unacknowledged messages again after a restart.
 *
 * mqtt.js handles one message at a time and would wait for each to be on disk. So `handleMessage` calls back at once: with
 * an error, on which mqtt.js leaves out the PUBACK and which it otherwise ignores. The PUBACK is written here later. This
 * relies on the pinned version of mqtt.js; test/broker/uplink/bridge.test.ts fails when that changes.
 */
export class Bridge {
  readonly #client: MqttClient;
  readonly #acceptance: Acceptance;
  readonly #log: Logger;
  readonly #maxBytes: number;
  #pending = 0;
  #resume: (() => void) | undefined;
  #pubacks: { stream: MqttClient["stream"]; packets: Buffer[] } | undefined;
  #closing = false;

  private constructor(client: MqttClient, acceptance: Acceptance, maxBytes: number, log: Logger) {
    this.#client = client;
    this.#acceptance = acceptance;
    this.#maxBytes = maxBytes;
    this.#log = log;
  }

  /** Starts reading. While the external broker is unreachable it reconnects. `dataDir` keeps this node's client id. */
  static async open(
    { url, topics }: BridgeSettings,
    deps: { acceptance: Acceptance; dataDir: string; maxPayloadBytes: number; log: Logger },
  ): Promise<Bridge> {
    const { log } = deps;
    const client = connect(url, {
      clientId: await readClientId(deps.dataDir),
      protocolVersion: 4,
      clean: false,
      resubscribe: false,
      reconnectPeriod: RECONNECT_MS,
      manualConnect: true,
    });
    const bridge = new Bridge(client, deps.acceptance, deps.maxPayloadBytes, log);
    client.handleMessage = (packet, done) => bridge.#receive(packet, done);
    client.on("connect", () => {
      client.subscribe([...topics], { qos: 1 }, (error, granted) => {
        const refused = granted?.some(({ qos }) => (qos as number) === 0x80);
        if (error || refused) log.error({ err: error, topics }, "broker: the external broker refused the subscription");
        else log.info({ topics }, "broker: subscribed to the external broker");
      });
    });
    client.on("error", (error) => log.warn({ err: error }, "broker: connection error at the external broker"));
    client.on("offline", () => log.warn("broker: disconnected from the external broker, reconnecting"));
    client.connect();
    return bridge;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Stops reading, acknowledges what is on disk, and disconnects. The session at the external broker remains. */
  async close(): Promise<void> {
    this.#closing = true;
    const deadline = performance.now() + CLOSE_MS;
    while (this.#pending > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#sendPubacks();
    await this.#client.endAsync(!this.#client.connected);
  }

  #receive(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { topic, qos, messageId } = packet;
    const { stream } = this.#client;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    if (this.#closing) {
      done(new Error("the broker is stopping"));
      return;
    }
    const sender = parseUplinkTopic(topic)?.deviceId ?? parseBridgedTopic(topic)?.deviceId;
    if (sender === undefined || payload.length > this.#maxBytes) {
      // The filter may also match downlink topics. A message that is too large is acknowledged, or it would come again.
      if (sender !== undefined) this.#log.error({ topic, bytes: payload.length }, "broker: message too large, dropped");
      done();
      return;
    }
    this.#pending++;
    this.#acceptance.acceptWithoutSession(sender, topic, payload).then(
      () => this.#stored(qos > 0 ? messageId : undefined, stream),
      (cause: unknown) => this.#retryLater(cause, stream),
    );
    const resume = (): void => done(qos > 0 ? new Error("acknowledged later") : undefined);
    if (this.#pending < MAX_PENDING) resume();
    else this.#resume = resume;
  }

  #stored(messageId: number | undefined, stream: MqttClient["stream"]): void {
    this.#settle();
    if (messageId === undefined) return;
    if (this.#pubacks?.stream !== stream) {
      this.#sendPubacks();
      this.#pubacks = { stream, packets: [] };
    }
    // The PUBACKs of one journal flush leave in one write.
    if (this.#pubacks.packets.length === 0) setImmediate(() => this.#sendPubacks());
    this.#pubacks.packets.push(generate({ cmd: "puback", messageId }));
  }

  #sendPubacks(): void {
    const { stream, packets } = this.#pubacks ?? { stream: undefined, packets: [] };
    this.#pubacks = undefined;
    // After a reconnect the message is delivered again with a new packet id, and that delivery is acknowledged.
    if (stream && stream === this.#client.stream && this.#client.connected) stream.write(Buffer.concat(packets));
  }

  /** Reconnects: only then does the external broker deliver unacknowledged messages again [MQTT-4.4.0-1]. */
  #retryLater(cause: unknown, stream: MqttClient["stream"]): void {
    this.#settle();
    if (this.#closing || stream !== this.#client.stream || stream.destroyed) return;
    this.#log.warn(
      { err: cause },
      "broker: the journal refused a message; reconnecting to the external broker, which delivers it again",
    );
    stream.destroy();
  }

  #settle(): void {
    this.#pending--;
    if (this.#resume && this.#pending <= MAX_PENDING / 2) {
      const resume = this.#resume;
      this.#resume = undefined;
      resume();
    }
  }
}

/** The client id kept in this data directory. It names the session: with another id, queued messages would not arrive. */
async function readClientId(dataDir: string): Promise<string> {
  const path = join(dataDir, "upstream-client-id");
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path} cannot be read`, { cause });
  }
  const clientId = `waystock-${randomUUID()}`;
  await writeFileAtomically(path, `${clientId}\n`);
  return clientId;
}
