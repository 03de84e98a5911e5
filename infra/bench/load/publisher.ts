import { connect, type Socket } from "node:net";
import type { Latencies } from "./latencies.ts";
import type { Sender, Template } from "./packet.ts";

export interface PublisherOptions {
  host: string;
  port: number;
  clientId: string;
  /** user name and password; undefined: none */
  secret: string | undefined;
  /** this connection publishes for these devices in turn */
  senders: readonly Sender[];
  latencies: Latencies;
}

/** Messages in flight on one connection never exceed this, whatever the rate is. */
const MAX_IN_FLIGHT = 4_096;
const NOTHING_SENT = new Float64Array(0);
/** Shared by all sockets: the bytes are consumed before the next read. */
const RECEIVE_BUFFER = Buffer.allocUnsafeSlow(65_536);
const PACKET_TYPE = { connack: 0x20, puback: 0x40 };

/**
 * An MQTT 3.1.1 publisher on a bare socket. It checks that every PUBACK names the oldest packet in flight
 * ([MQTT-4.6.0-2]), so `acknowledged` counts a prefix of the sent messages.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  #socket!: Socket;
  #templates: Template[] = [];
  /** milliseconds when each packet in flight was sent, indexed by message number modulo MAX_IN_FLIGHT */
  #sentAt = NOTHING_SENT;
  #partial: number[] = [];
  #nextSender = 0;
  /** sends a new message for every PUBACK, at once */
  refillsWindow = false;
  sent = 0;
  acknowledged = 0;
  /** the reason why the connection is unusable */
  failure: Error | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.setReadingsPerMessage(1);
  }

  /** Sets the readings per message from now on. */
  setReadingsPerMessage(readingsPerMessage: number): void {
    this.#templates = this.#options.senders.map((sender) => sender.template(readingsPerMessage));
  }

  get inFlight(): number {
    return this.sent - this.acknowledged;
  }

  /** Connects and waits for CONNACK. */
  async open(): Promise<void> {
    const { host, port, clientId, secret } = this.#options;
    await new Promise<void>((resolve, reject) => {
      let connected = false;
      const onBytes = (length: number): boolean => {
        if (connected) this.#onBytes(RECEIVE_BUFFER, length);
        else if (length >= 4 && RECEIVE_BUFFER[0] === PACKET_TYPE.connack && RECEIVE_BUFFER[3] === 0) {
          connected = true;
          resolve();
        } else reject(new Error(`${clientId}: CONNACK ${RECEIVE_BUFFER.toString("hex", 0, length)}`));
        return true;
      };
      const socket = connect({ host, port, noDelay: true, onread: { buffer: RECEIVE_BUFFER, callback: onBytes } });
      socket.on("error", (error) => {
        this.failure ??= error;
        reject(error);
      });
      socket.once("close", () => {
        this.failure ??= new Error(`${clientId}: the broker closed the connection`);
      });
      socket.once("connect", () => socket.write(connectPacket(clientId, secret)));
      this.#socket = socket;
    });
  }

  /** Sends up to `messages`, limited by MAX_IN_FLIGHT; returns the number sent. */
  send(messages: number, now: number): number {
    const count = Math.min(messages, MAX_IN_FLIGHT - this.inFlight);
    if (count <= 0 || this.failure) return 0;
    if (this.#sentAt === NOTHING_SENT) this.#sentAt = new Float64Array(MAX_IN_FLIGHT);
    const { senders } = this.#options;
    let bytes = 0;
    for (let i = 0; i < count; i += 1) bytes += this.#templates[(this.#nextSender + i) % senders.length]!.packet.length;
    const chunk = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const sender = this.#nextSender % senders.length;
      const template = this.#templates[sender]!;
      senders[sender]!.write(chunk, at, packetId(this.sent), template);
      this.#sentAt[this.sent % MAX_IN_FLIGHT] = now;
      at += template.packet.length;
      this.sent += 1;
      this.#nextSender = (sender + 1) % senders.length;
    }
    this.#socket.write(chunk);
    return count;
  }

  async close(): Promise<void> {
    this.failure ??= new Error("closed");
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#socket.once("close", () => resolve());
      this.#socket.destroy();
    });
  }

  #onBytes(buffer: Buffer, length: number): void {
    const now = performance.now();
    let acknowledged = 0;
    let at = 0;
    while (at < length) {
      if (this.#partial.length === 0 && at + 4 <= length) {
        this.#acknowledge(buffer[at]!, (buffer[at + 2]! << 8) | buffer[at + 3]!, now);
        acknowledged += 1;
        at += 4;
      } else {
        this.#partial.push(buffer[at]!);
        at += 1;
        if (this.#partial.length === 4) {
          const [type, , high, low] = this.#partial as [number, number, number, number];
          this.#partial = [];
          this.#acknowledge(type, (high << 8) | low, now);
          acknowledged += 1;
        }
      }
    }
    if (this.refillsWindow) this.send(acknowledged, now);
  }

  #acknowledge(type: number, id: number, now: number): void {
    const expected = packetId(this.acknowledged);
    if (type !== PACKET_TYPE.puback || id !== expected || this.inFlight === 0) {
      this.failure ??= new Error(
        `${this.#options.clientId}: expected PUBACK ${expected}, got packet type ${type >> 4} id ${id}`,
      );
      this.#socket.destroy();
      return;
    }
    this.#options.latencies.add(now - this.#sentAt[this.acknowledged % MAX_IN_FLIGHT]!);
    this.acknowledged += 1;
  }
}

/** Packet ids run from 1 to 65,535 and wrap. */
const packetId = (number: number): number => (number % 65_535) + 1;

/** CONNECT with clean session and without keep alive (MQTT 3.1.1 section 3.1). */
function connectPacket(clientId: string, secret: string | undefined): Buffer {
  const fields = secret === undefined ? [clientId] : [clientId, clientId, secret];
  const flags = secret === undefined ? 0x02 : 0xc2;
  const body = Buffer.concat([
    Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, 0, 0]),
    ...fields.map((text) => Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)])),
  ]);
  if (body.length > 127) throw new RangeError(`the client id ${clientId} is too long for this publisher`);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}
