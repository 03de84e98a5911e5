import { Duplex } from "node:stream";
import type { Peer } from "../transport/peer.ts";
import { closeGracefully, type TransportStream } from "../transport/stream.ts";
import type { Backpressure } from "../uplink/backpressure.ts";
import type { TokenBucket } from "../uplink/rate.ts";
import { AnswerBatch } from "./answer-batch.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { InboundQueue, isRun, type PacketRun } from "./inbound-queue.ts";
import { KeepAlive } from "./keep-alive.ts";
import { typeOf } from "./packet-framer.ts";
import { PACKET } from "./packet-rules.ts";
import { PacketValidator } from "./packet-validator.ts";
import { type ParsedPublish, type PublishFastPath } from "./publish-packet.ts";
import { RatePause } from "./rate-pause.ts";
import { TransportWriter } from "./transport-writer.ts";
import { TurnBudget } from "./turn-budget.ts";

const UNAUTHENTICATED_TURN_PACKETS = 16;
/** silence of a client without a keep alive before TCP asks whether its host is still there */
const TCP_KEEP_ALIVE_MS = 120_000;

type Done = (error?: Error | null) => void;

/**
 * The stream between a socket and the MQTT parser. Only whole, valid packets pass; a client that breaks a rule is
 * disconnected before the parser sees a byte of the packet. Whatever the packets are, few of them are handled in one turn
 * of the event loop, and the rest stays in the socket: for backpressure, for rate limits, and while the client does not
 * read its answers.
 */
export class MqttConnection extends Duplex {
  readonly peer: Peer;
  readonly #transport: TransportStream;
  readonly #writer: TransportWriter;
  readonly #validator: PacketValidator;
  readonly #backpressure: Backpressure;
  readonly #keepAlive: KeepAlive;
  readonly #rate = new RatePause(() => this.#pump());
  /** new: no packet has gone to the parser; connecting: the parser has its CONNECT; connected: CONNACK is sent */
  #stage: "new" | "connecting" | "connected" = "new";
  readonly #inbound = new InboundQueue();
  readonly #turn = new TurnBudget(UNAUTHENTICATED_TURN_PACKETS, () => this.#pump());
  #parserReady = false;
  /** set once the client is connected: its readings then bypass the parser */
  fastPath: PublishFastPath | undefined;
  #unstored = 0; // readings given to the fast path and not yet on disk
  #undelivered = 0; // publishes of the parser that not all subscribers have taken yet
  readonly answers = new AnswerBatch((answers) => this.#sendAnswers(answers));
  #inputEnded = false;
  #readingStopped = false;

  constructor(transport: TransportStream, peer: Peer, options: ConnectionOptions) {
    super({ readableHighWaterMark: 1, allowHalfOpen: false }); // reads one run ahead: the socket keeps the rest
    this.peer = peer;
    this.#transport = transport;
    this.#writer = new TransportWriter(transport, options.drainTimeoutMs, () => this.#pump());
    this.#validator = new PacketValidator(options.maxPayloadBytes);
    this.#backpressure = options.backpressure;
    this.#keepAlive = new KeepAlive(options.connectTimeoutMs);
    transport.setNoDelay?.(true);
    transport.on("data", (chunk: Buffer) => !this.destroyed && this.#validator.add(chunk) && this.#pump());
    transport.on("end", () => {
      this.#inputEnded = true;
      this.#pump();
    });
    transport.on("error", (error) => this.destroy(error)).on("close", () => this.destroy());
    this.on("error", () => undefined); // without a listener Node would end the process
  }

  /**
   * @param meter limits the client's rate; undefined: no limit
   * @param packetsPerTurn packets of this client that are handled before other clients have their turn
   * @param sessionPresent whether CONNACK reports an existing session (section 3.2.2.2)
   */
  markAuthenticated(meter: TokenBucket | undefined, packetsPerTurn: number, sessionPresent = false): void {
    this.#validator.sessionPresent = sessionPresent;
    this.#rate.meter = meter;
    this.#turn.packetsPerTurn = packetsPerTurn;
  }

  /** CONNACK is sent: handles the packets that arrived since CONNECT. */
  markConnected(): void {
    this.#stage = "connected";
    if (this.#validator.keepaliveSeconds === 0) this.#transport.setKeepAlive?.(true, TCP_KEEP_ALIVE_MS);
    this.#pump();
  }

  /** A reading is on disk. Its PUBACK leaves in one write with those of the same flush. @param packetId 0: QoS 0 */
  publishStored(packetId: number): void {
    this.#unstored--;
    this.answers.addPuback(packetId);
  }

  /** A publish is on its way to subscribers. They hold its sender back, since the parser reads on before they have it. */
  deliveryStarted(): void {
    this.#undelivered++;
  }

  deliveryEnded(): void {
    if (this.#undelivered-- === this.#turn.packetsPerTurn) this.#pump();
  }

  #sendAnswers(answers: Buffer | undefined): void {
    if (this.destroyed) return;
    // PUBACKs must not overtake acknowledgements of the parser that are still in this stream's buffer [MQTT-4.6.0-2].
    if (answers) (this.writableLength > 0 ? this : this.#writer).write(answers);
    this.#pump();
  }

  /** Whether a valid CONNECT has arrived. */
  get hasConnect(): boolean {
    return this.#validator.keepaliveSeconds !== undefined;
  }

  /** Disconnects a client that has been silent, or has read nothing, for too long. @param nowMs monotonic clock */
  checkTimeouts(nowMs: number): void {
    if (this.destroyed) return;
    const violation = this.#writer.violation(nowMs) ?? this.#keepAlive.violation(nowMs, this.#transport.isPaused());
    if (violation !== undefined) this.#reject(violation);
  }

  resumeReading(): void {
    this.#pump();
  }

  /** Stops reading because the broker is closing. Acknowledgements still leave. */
  stopReading(): void {
    this.#readingStopped = true;
    this.#pump();
  }

  #reject(reason: string, returnCode?: number): void {
    if (returnCode !== undefined) this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]));
    this.destroy(new Error(reason));
  }

  /** Handles what may be handled now and in this turn, and pauses the socket while anything is left. */
  #pump(): void {
    do {
      for (let next = this.#inbound.first; next && this.#dispatchNext(next); next = this.#inbound.first);
    } while (this.#mayFrame() && this.#frame());
    if (this.destroyed) return;
    const hasRest = this.#inbound.first !== undefined || this.#validator.hasMore;
    if (this.#inputEnded && !hasRest && this.#parserReady && this.#allAcknowledged) {
      this.#parserReady = false;
      this.push(null);
    }
    if (hasRest || this.#isHeldBack) this.#transport.pause();
    else if (this.#transport.isPaused()) this.#transport.resume();
  }

  get #isHeldBack(): boolean {
    return this.#readingStopped || this.#rate.isActive;
  }

  /** Whether packets may be taken from the bytes that have arrived. If the turn is over, the next one goes on. */
  #mayFrame(): boolean {
    if (this.destroyed || this.#inbound.first || this.#isHeldBack || !this.#validator.hasMore) return false;
    // Not before the client is connected is it known how to handle what follows its CONNECT.
    if (this.#stage === "connecting") return false;
    if (this.#turn.left > 0) return true;
    this.#turn.awaitNext();
    return false;
  }

  /** Queues packets from the bytes that have arrived. @returns whether there were any */
  #frame(): boolean {
    const maxPackets = this.#stage === "new" ? 1 : this.#turn.left;
    let packets = 0;
    for (; packets < maxPackets; packets++) {
      const waits = this.#writer.hasUnread(this.writableLength) && this.#validator.nextType === PACKET.pingreq;
      const packet = waits ? undefined : this.#validator.next();
      if (packet === undefined) break;
      if ("violation" in packet) {
        this.#reject(packet.violation, packet.returnCode);
        return false;
      }
      this.#turn.take();
      if (typeOf(packet) === PACKET.pingreq) {
        // Answered here: the parser would hold the ping back until the publishes before it are on disk.
        this.answers.addPingresp();
        this.#rate.count(packet.cost);
      } else this.#inbound.add(packet, this.fastPath, this.#turn.packetsPerTurn);
    }
    // The keep alive counts packets as they arrive [MQTT-3.1.2-24]: the parser may be waiting for the disk.
    if (packets > 0) this.#keepAlive.restart(this.#validator.keepaliveSeconds);
    return packets > 0;
  }

  /** Gives the head of the queue to the parser or to the fast path. @returns false where it has to wait */
  #dispatchNext(next: PacketRun | ParsedPublish): boolean {
    if (this.#isHeldBack || !this.#parserReady || this.destroyed) return false;
    // Before the CONNACK the parser would treat these packets as an unauthenticated client's, or answer out of order.
    if (this.#stage === "connecting") return false;
    if (this.#writer.hasUnread(this.writableLength) && (!isRun(next) || next.isAnswered)) return false;
    const publishes = isRun(next) ? next.publishes : 1;
    // Only publishes need the disk. CONNECT, SUBSCRIBE and PINGREQ are served even while it is full.
    if (publishes > 0 && this.#backpressure.isActive) {
      this.#backpressure.addWaiter(this);
      return false;
    }
    if (isRun(next)) {
      // Other packets, above all DISCONNECT, wait until the readings before them are acknowledged.
      if (next.publishes < next.packets && !this.#allAcknowledged) return false;
      if (publishes > 0 && this.#undelivered >= this.#turn.packetsPerTurn) return false;
      this.#inbound.shift();
      this.#rate.count(next.cost);
      this.#parserReady = false;
      if (this.#stage === "new") this.#stage = "connecting";
      this.push(next.bytes.subarray(next.start, next.end));
    } else {
      if (this.#unstored >= this.#turn.packetsPerTurn) return false;
      this.#inbound.shift();
      this.#rate.count(1);
      this.#unstored++;
      this.fastPath!.handle(next);
    }
    return true;
  }

  get #allAcknowledged(): boolean {
    return this.#unstored === 0 && !this.answers.isDue;
  }

  /** The next run goes to the parser in the next turn of the event loop, so that a flood does not starve others. */
  override _read(): void {
    setImmediate(() => {
      this.#parserReady = true;
      this.#pump();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#writer.write(this.#validator.rewriteOutbound(chunk), done);
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "binary", done);
  }

  override _final(done: Done): void {
    this.#transport.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#rate.cancel();
    this.#backpressure.removeWaiter(this);
    closeGracefully(this.#transport);
    done(error);
  }
}
