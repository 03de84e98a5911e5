import { Duplex } from "node:stream";
import type { Peer } from "../transport/peer.ts";
import { closeGracefully, type TransportStream } from "../transport/stream.ts";
import type { Backpressure } from "../uplink/backpressure.ts";
import type { TokenBucket } from "../uplink/rate.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { InboundQueue, isRun, type PacketRun } from "./inbound-queue.ts";
import type { FramedPacket } from "./packet-framer.ts";
import { needsOwnRun, PACKET } from "./packet-rules.ts";
import { PacketValidator, typeOf } from "./packet-validator.ts";
import { PubackBatch } from "./puback-batch.ts";
import { type ParsedPublish, parsePublish, type PublishFastPath } from "./publish-packet.ts";

const PINGRESP = Buffer.from([0xd0, 0x00]);
const UNAUTHENTICATED_RUN_PACKETS = 16;

/**
 * The stream between a socket and the MQTT parser. Only whole, valid packets pass; a client that breaks a rule is
 * disconnected before the parser sees a byte of the packet. Reading pauses here for backpressure and for rate limits.
 */
export class MqttConnection extends Duplex {
  readonly peer: Peer;
  readonly #transport: TransportStream;
  readonly #validator: PacketValidator;
  readonly #backpressure: Backpressure;
  readonly #drainTimeoutMs: number;
  /** new: no packet has gone to the parser; connecting: the parser has its CONNECT; connected: CONNACK is sent */
  #stage: "new" | "connecting" | "connected" = "new";
  #meter: TokenBucket | undefined;
  readonly #inbound = new InboundQueue();
  #maxRunPackets = UNAUTHENTICATED_RUN_PACKETS;
  #parserReady = false;
  /** set once the client is connected: its readings then bypass the parser */
  fastPath: PublishFastPath | undefined;
  #unstored = 0; // readings given to the fast path and not yet on disk
  readonly #pubacks = new PubackBatch();
  #flushScheduled = false;
  #inputEnded = false;
  #readingStopped = false;
  #rateTimer: NodeJS.Timeout | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  #maxSilenceMs: number; // the CONNECT timeout at first, then 1.5 times the keep alive
  #lastPacketAtMs = performance.now();

  constructor(transport: TransportStream, peer: Peer, options: ConnectionOptions) {
    super({ readableHighWaterMark: 1, allowHalfOpen: false }); // reads one run ahead: the socket keeps the rest
    this.peer = peer;
    this.#transport = transport;
    this.#validator = new PacketValidator(options.maxPayloadBytes);
    this.#backpressure = options.backpressure;
    this.#maxSilenceMs = options.connectTimeoutMs;
    this.#drainTimeoutMs = options.drainTimeoutMs;
    transport.setNoDelay?.(true);
    transport.on("data", (chunk: Buffer) => this.#receive(chunk));
    transport.on("end", () => this.#endInput());
    transport.on("error", (error) => this.destroy(error)).on("close", () => this.destroy());
    this.on("error", () => undefined); // without a listener Node would end the process
  }

  /**
   * @param meter limits the client's rate; undefined: no limit
   * @param maxRunPackets packets of this client that the parser gets before other clients have their turn
   * @param sessionPresent whether CONNACK reports an existing session (section 3.2.2.2)
   */
  markAuthenticated(meter: TokenBucket | undefined, maxRunPackets: number, sessionPresent = false): void {
    this.#validator.sessionPresent = sessionPresent;
    this.#meter = meter;
    this.#maxRunPackets = maxRunPackets;
  }

  /** CONNACK is sent: dispatches the packets that arrived since CONNECT. */
  markConnected(): void {
    this.#stage = "connected";
    this.#pump();
  }

  /** A reading is on disk. Its PUBACK leaves in one write with those of the same flush. @param packetId 0: QoS 0 */
  publishStored(packetId: number): void {
    this.#unstored--;
    if (packetId !== 0) this.#pubacks.add(packetId);
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(flushAcksOf, this);
  }

  /** Sends the PUBACKs that are due and continues to read. */
  flushAcks(): void {
    if (!this.#flushScheduled) return;
    this.#flushScheduled = false;
    const pubacks = this.#pubacks.take();
    if (this.destroyed) return;
    // PUBACKs must not overtake acknowledgements of the parser that are still in this stream's buffer [MQTT-4.6.0-2].
    if (pubacks) (this.writableLength > 0 ? this : this.#transport).write(pubacks);
    this.#pump();
  }

  /** Disconnects a client that has been silent for too long. Called regularly. @param nowMs monotonic clock */
  checkKeepAlive(nowMs: number): void {
    if (nowMs - this.#lastPacketAtMs < this.#maxSilenceMs || this.destroyed) return;
    if (this.#validator.keepaliveSeconds === undefined) this.#reject("no CONNECT in time (section 3.1)");
    // While reading is paused nothing can arrive, whatever the client sends.
    else if (this.#transport.isPaused()) this.#lastPacketAtMs = nowMs;
    else this.#reject("silent for one and a half times its keep alive [MQTT-3.1.2-24]");
  }

  resumeReading(): void {
    this.#pump();
  }

  /** Stops reading because the broker is closing. Acknowledgements still leave. */
  stopReading(): void {
    this.#readingStopped = true;
    this.#pump();
  }

  #endInput(): void {
    this.#inputEnded = true;
    this.#pump();
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed || !this.#validator.add(chunk)) return;
    let received = false;
    for (let packet = this.#validator.next(); packet; packet = this.#validator.next()) {
      if ("violation" in packet) {
        this.#reject(packet.violation, packet.returnCode);
        return;
      }
      received = true;
      this.#enqueue(packet);
    }
    if (!received) return;
    // The keep alive counts packets as they arrive [MQTT-3.1.2-24]: the parser may be waiting for the disk.
    this.#lastPacketAtMs = performance.now();
    this.#maxSilenceMs = (this.#validator.keepaliveSeconds || Infinity) * 1500;
    this.#pump();
  }

  #enqueue(packet: FramedPacket): void {
    const type = typeOf(packet);
    if (type === PACKET.pingreq && this.#stage === "connected") {
      // Answered here: the parser would hold the ping back until the publishes before it are on disk.
      this.#transport.write(PINGRESP);
      return;
    }
    const isPublish = type === PACKET.publish;
    const publish = isPublish && this.fastPath ? parsePublish(packet) : undefined;
    if (publish && this.fastPath!.accepts(publish.topic)) this.#inbound.addPublish(publish);
    else this.#inbound.addPacket(packet, isPublish, needsOwnRun(type) ? 1 : this.#maxRunPackets);
  }

  #reject(reason: string, returnCode?: number): void {
    if (returnCode !== undefined) this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]));
    this.destroy(new Error(reason));
  }

  /** Dispatches what may be dispatched now, and pauses the socket while anything is left. */
  #pump(): void {
    if (this.destroyed) return;
    for (let next = this.#inbound.first; next && this.#dispatchNext(next); next = this.#inbound.first);
    const hasRest = this.#inbound.first !== undefined;
    if (this.#inputEnded && !hasRest && this.#parserReady && this.#allAcknowledged) {
      this.#parserReady = false;
      this.push(null);
    }
    if (hasRest || this.#readingStopped || this.#rateTimer) this.#transport.pause();
    else if (this.#transport.isPaused()) this.#transport.resume();
  }

  /** Gives the head of the queue to the parser or to the fast path. @returns false where it has to wait */
  #dispatchNext(next: PacketRun | ParsedPublish): boolean {
    if (this.#readingStopped || this.#rateTimer || !this.#parserReady) return false;
    // Before the CONNACK the parser would treat these packets as an unauthenticated client's, or answer out of order.
    if (this.#stage === "connecting") return false;
    const publishes = isRun(next) ? next.publishes : 1;
    // Only publishes need the disk. CONNECT, SUBSCRIBE and PINGREQ are served even while it is full.
    if (publishes > 0 && this.#backpressure.isActive) {
      this.#backpressure.addWaiter(this);
      return false;
    }
    if (isRun(next)) {
      // Other packets, above all DISCONNECT, wait until the readings before them are acknowledged.
      if (next.publishes < next.packets && !this.#allAcknowledged) return false;
      this.#inbound.shift();
      this.#parserReady = false;
      if (this.#stage === "new") this.#stage = "connecting";
      this.push(next.bytes.subarray(next.start, next.end));
    } else {
      if (this.#unstored >= this.#maxRunPackets || !this.#canWrite()) return false;
      this.#inbound.shift();
      this.#unstored++;
      this.fastPath!.handle(next);
    }
    const pauseMs = this.#meter && publishes > 0 ? this.#meter.take(publishes, performance.now()) : 0;
    if (pauseMs > 0) this.#rateTimer = setTimeout(() => this.#endRatePause(), pauseMs);
    return true;
  }

  #endRatePause(): void {
    this.#rateTimer = undefined;
    this.#pump();
  }

  get #allAcknowledged(): boolean {
    return this.#unstored === 0 && !this.#flushScheduled;
  }

  /** False while the client does not read its PUBACKs; `#pump` runs again once it does. */
  #canWrite(): boolean {
    if (!this.#transport.writableNeedDrain) return true;
    if (this.#drainTimer) return false;
    this.#drainTimer = setTimeout(() => this.#reject("does not read its acknowledgements"), this.#drainTimeoutMs);
    this.#transport.once("drain", () => {
      clearTimeout(this.#drainTimer);
      this.#drainTimer = undefined;
      this.#pump();
    });
    return false;
  }

  /** The next run goes to the parser in the next turn of the event loop, so that a flood does not starve others. */
  override _read(): void {
    setImmediate(() => {
      this.#parserReady = true;
      this.#pump();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#transport.write(this.#validator.rewriteOutbound(chunk), done);
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#transport.write(this.#validator.rewriteOutbound(Buffer.concat(chunks.map(({ chunk }) => chunk))), done);
  }

  override _final(done: () => void): void {
    this.#transport.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#rateTimer);
    clearTimeout(this.#drainTimer);
    this.#backpressure.removeWaiter(this);
    closeGracefully(this.#transport);
    done(error);
  }
}

const flushAcksOf = (connection: MqttConnection): void => connection.flushAcks();
