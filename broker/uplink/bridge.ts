import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { generate, type IPublishPacket } from "mqtt-packet";
import type { Logger } from "pino";
import type { Acceptance } from "./accept.ts";
import { parseCompatibilityTopic, parseUplinkTopic } from "../contract/topics.ts";

/** messages taken from the external broker and not yet on disk; beyond, no more are taken */
const MAX_UNSTORED = 10_000;
const RECONNECT_MS = 1000;
const CLOSE_MS = 5000;

/** An external broker (Mosquitto, EMQX, HiveMQ, NATS), which has checked who published what. */
export interface BridgeSettings {
  /** may carry user name and password */
  url: string;
  /** usually a shared subscription, so that several nodes divide the messages among them */
  topic: string;
}

/**
 * Reads devices' messages from an external broker into the journal, with the promise that PUBACK has here: it is sent
 * once the message is on disk, to a session that outlives us, so that what was not is delivered again.
 *
 * mqtt.js would hold up every message behind one that is not acknowledged. So `handleMessage` lets it go on at once,
 * with an error, which makes it leave out the PUBACK and is otherwise ignored, and the PUBACK is written here. This
 * holds for the pinned version; test/broker/uplink/bridge.test.ts says when it does not any more.
 */
export class Bridge {
  readonly #client: MqttClient;
  readonly #acceptance: Acceptance;
  readonly #log: Logger;
  readonly #maxBytes: number;
  #unstored = 0;
  #goOn: (() => void) | undefined;
  #acknowledgements: { stream: MqttClient["stream"]; packets: Buffer[] } | undefined;
  #closing = false;

  private constructor(client: MqttClient, acceptance: Acceptance, maxBytes: number, log: Logger) {
    this.#client = client;
    this.#acceptance = acceptance;
    this.#maxBytes = maxBytes;
    this.#log = log;
  }

  /** Starts reading; an external broker that is away is waited for. `dataDir` keeps the name of this node's session. */
  static async open(
    { url, topic }: BridgeSettings,
    parts: { acceptance: Acceptance; dataDir: string; maxPayloadBytes: number; log: Logger },
  ): Promise<Bridge> {
    const { log } = parts;
    const client = connect(url, {
      clientId: await sessionName(parts.dataDir),
      protocolVersion: 4,
      clean: false,
      resubscribe: false,
      reconnectPeriod: RECONNECT_MS,
      manualConnect: true,
    });
    const upstream = new Bridge(client, parts.acceptance, parts.maxPayloadBytes, log);
    client.handleMessage = (packet, done) => upstream.#take(packet, done);
    client.on("connect", () => {
      client.subscribe(topic, { qos: 1 }, (error, granted) => {
        const refused = granted?.some(({ qos }) => (qos as number) === 0x80);
        if (error || refused) log.error({ err: error, topic }, "broker: the external broker refuses the subscription");
        else log.info({ topic }, "broker: reads from the external broker");
      });
    });
    client.on("error", (error) => log.warn({ err: error }, "broker: trouble with the external broker"));
    client.on("offline", () => log.warn("broker: the external broker is away; trying again"));
    client.connect();
    return upstream;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Takes no more, acknowledges what is on disk, and leaves; the session stays with the external broker. */
  async close(): Promise<void> {
    this.#closing = true;
    const until = Date.now() + CLOSE_MS;
    while (this.#unstored > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#flush();
    await this.#client.endAsync(!this.#client.connected);
  }

  #take(packet: IPublishPacket, done: (error?: Error) => void): void {
    const { topic, qos, messageId } = packet;
    const { stream } = this.#client;
    const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
    if (this.#closing) {
      done(new Error("the broker stops"));
      return;
    }
    const sender = parseUplinkTopic(topic)?.deviceId ?? parseCompatibilityTopic(topic)?.deviceId;
    if (sender === undefined || payload.length > this.#maxBytes) {
      // What goes down to devices comes by as well; and what is too large would come again for ever.
      if (sender !== undefined) this.#log.error({ topic, bytes: payload.length }, "broker: too large, not taken");
      done();
      return;
    }
    this.#unstored++;
    this.#acceptance.acceptWithoutSession(sender, topic, payload).then(
      () => this.#stored(qos > 0 ? messageId : undefined, stream),
      (cause: unknown) => this.#refused(cause, stream),
    );
    const goOn = (): void => done(qos > 0 ? new Error("acknowledged later") : undefined);
    if (this.#unstored < MAX_UNSTORED) goOn();
    else this.#goOn = goOn;
  }

  #stored(messageId: number | undefined, stream: MqttClient["stream"]): void {
    this.#settle();
    if (messageId === undefined) return;
    if (this.#acknowledgements?.stream !== stream) {
      this.#flush();
      this.#acknowledgements = { stream, packets: [] };
    }
    // Everything that one flush of the journal settles leaves in one piece.
    if (this.#acknowledgements.packets.length === 0) setImmediate(() => this.#flush());
    this.#acknowledgements.packets.push(generate({ cmd: "puback", messageId }));
  }

  #flush(): void {
    const { stream, packets } = this.#acknowledgements ?? { stream: undefined, packets: [] };
    this.#acknowledgements = undefined;
    // On a newer connection the same message comes again, with a number of its own.
    if (stream && stream === this.#client.stream && this.#client.connected) stream.write(Buffer.concat(packets));
  }

  /** Only a new connection makes the external broker deliver again what was not acknowledged [MQTT-4.4.0-1]. */
  #refused(cause: unknown, stream: MqttClient["stream"]): void {
    this.#settle();
    if (this.#closing || stream !== this.#client.stream || stream.destroyed) return;
    this.#log.warn({ err: cause }, "broker: the journal takes nothing; the external broker will deliver again");
    stream.destroy();
  }

  #settle(): void {
    this.#unstored--;
    if (this.#goOn && this.#unstored <= MAX_UNSTORED / 2) {
      const goOn = this.#goOn;
      this.#goOn = undefined;
      goOn();
    }
  }
}

/** The client id of this data directory: with another one, what waits for us would never come. */
async function sessionName(dataDir: string): Promise<string> {
  const path = join(dataDir, "upstream-client-id");
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw new Error(`${path} cannot be read`, { cause });
  }
  const name = `waystock-${randomUUID()}`;
  await writeFile(path, `${name}\n`, { flush: true });
  return name;
}
