import { Duplex } from "node:stream";
import { InboundQueue, isRun, type PacketRun } from "./inbound-queue.ts";
import type { FramedPacket } from "./packet-framer.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { PacketValidator, typeOf } from "./packet-validator.ts";
import type { Backpressure } from "../uplink/backpressure.ts";
import type { Meter } from "../uplink/rate-limiter.ts";
import { needsOwnRun, PACKET } from "./packet-rules.ts";
import { PubackBatch } from "./puback-batch.ts";
import { type ParsedPublish, type PublishFastPath, parsePublish } from "./publish-packet.ts";
import type { Peer } from "../transport/peer.ts";
import { closeGracefully, type TransportStream } from "../transport/stream.ts";

const PINGRESP = Buffer.from([0xd0, 0x00]);
/** how many packets the parser gets at a time of a sender that has not said who it is */
const FIRST_RUN_PACKETS = 16;

/**
 * The stream between a socket and the MQTT parser. Only whole packets that keep the rules pass; a sender that breaks
 * one is cut off before the parser sees a byte of it. Pausing, for a full journal or a rate, happens here too.
 */
export class MqttConnection extends Duplex {
  readonly peer: Peer;
  readonly #transport: TransportStream;
  readonly #validator: PacketValidator;
  readonly #backpressure: Backpressure;
  readonly #drainTimeoutMs: number;
  /** nothing is heard yet; the broker has its CONNECT; the broker has answered that */
  #stage: "new" | "greeted" | "open" = "new";
  #meter: Meter | undefined;
  readonly #inbound = new InboundQueue();
  #runPackets = FIRST_RUN_PACKETS;
  #readerWants = false;
  /** once it is set, readings need no parser */
  fastPath: PublishFastPath | undefined;
  #unsettled = 0; // readings taken whose end is not known yet
  readonly #pubacks = new PubackBatch();
  #answerDue = false;
  #ended = false;
  #stopped = false;
  #rateTimer: NodeJS.Timeout | undefined;
  #drainTimer: NodeJS.Timeout | undefined;
  /** how long it may be silent: until its CONNECT, then by its keep alive */
  #patienceMs: number;
  #heardAt = performance.now();

  constructor(transport: TransportStream, peer: Peer, options: ConnectionOptions) {
    // One run is enough to read ahead: the socket keeps the rest.
    super({ readableHighWaterMark: 1, allowHalfOpen: false });
    this.peer = peer;
    this.#transport = transport;
    this.#validator = new PacketValidator(options.maxPayloadBytes);
    this.#backpressure = options.backpressure;
    this.#patienceMs = options.connectTimeoutMs;
    this.#drainTimeoutMs = options.drainTimeoutMs;
    transport.setNoDelay?.(true);
    transport.on("data", (chunk: Buffer) => this.#take(chunk));
    transport.on("end", () => {
      this.#ended = true;
      this.#flow();
    });
    transport.on("error", (error) => this.destroy(error));
    transport.on("close", () => this.destroy());
    // Errors of a connection end that connection; whoever handles it listens for its own purposes.
    this.on("error", () => undefined);
  }

  /**
   * From now on the sender is a known one, with its own rate (undefined: none), hands the parser so many packets at a
   * time before others have their turn, and may go on with a session.
   */
  markAuthenticated(meter: Meter | undefined, runPackets: number, hasSession = false): void {
    this.#validator.sessionPresent = hasSession;
    this.#meter = meter;
    this.#runPackets = runPackets;
  }

  /** Its CONNECT is answered: what came since may follow. */
  markConnected(): void {
    this.#stage = "open";
    this.#flow();
  }

  /** A reading is on disk. Its PUBACK leaves with those of the same flush, in one piece. @param packetId 0: QoS 0 */
  publishStored(packetId: number): void {
    this.#unsettled--;
    if (packetId !== 0) this.#pubacks.add(packetId);
    if (this.#answerDue) return;
    this.#answerDue = true;
    process.nextTick(answerNow, this);
  }

  /** Sends the PUBACKs that are ready, and goes on reading. */
  flushAcks(): void {
    if (!this.#answerDue) return;
    this.#answerDue = false;
    const pubacks = this.#pubacks.take();
    if (this.destroyed) return;
    // None overtakes an answer of the parser [MQTT-4.6.0-2] that is still on its way through this stream.
    if (pubacks) (this.writableLength > 0 ? this : this.#transport).write(pubacks);
    this.#flow();
  }

  /** To be called now and then: ends the connection of a sender that was silent for longer than it may be. */
  checkKeepAlive(nowMs: number): void {
    if (nowMs - this.#heardAt < this.#patienceMs || this.destroyed) return;
    if (this.#validator.keepaliveSeconds === undefined) this.#refuse("no CONNECT in time (section 3.1)");
    // While we do not read, silence is ours.
    else if (this.#transport.isPaused()) this.#heardAt = nowMs;
    else this.#refuse("silent for one and a half times its keep alive [MQTT-3.1.2-24]");
  }

  /** The gate has opened. */
  resumeReading(): void {
    this.#flow();
  }

  /** Reads no more, for the broker is closing; answers still leave. */
  stopReading(): void {
    this.#stopped = true;
    this.#flow();
  }

  #take(chunk: Buffer): void {
    if (this.destroyed || !this.#validator.add(chunk)) return;
    let any = false;
    for (let packet = this.#validator.next(); packet; packet = this.#validator.next()) {
      if ("violation" in packet) {
        this.#refuse(packet.violation, packet.returnCode);
        return;
      }
      any = true;
      this.#arrange(packet);
    }
    if (!any) return;
    // Kept here [MQTT-3.1.2-24], by packets that arrive, for the parser may be waiting for the disk.
    this.#heardAt = performance.now();
    this.#patienceMs = (this.#validator.keepaliveSeconds || Infinity) * 1500;
    this.#flow();
  }

  #arrange(packet: FramedPacket): void {
    const type = typeOf(packet);
    if (type === PACKET.pingreq && this.#stage === "open") {
      // Answered here, for the parser waits with a ping until the publishes before it are on disk.
      this.#transport.write(PINGRESP);
      return;
    }
    const isPublish = type === PACKET.publish;
    const reading = isPublish && this.fastPath ? parsePublish(packet) : undefined;
    if (reading && this.fastPath!.accepts(reading.topic)) this.#inbound.addPublish(reading);
    else this.#inbound.addPacket(packet, isPublish, needsOwnRun(type) ? 1 : this.#runPackets);
  }

  #refuse(reason: string, returnCode?: number): void {
    if (returnCode !== undefined) this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]));
    this.destroy(new Error(reason));
  }

  #flow(): void {
    if (this.destroyed) return;
    for (let next = this.#inbound.first; next && this.#hand(next); next = this.#inbound.first);
    const rest = this.#inbound.first !== undefined;
    if (this.#ended && !rest && this.#readerWants && this.#owesNothing) {
      this.#readerWants = false;
      this.push(null);
    }
    if (rest || this.#stopped || this.#rateTimer) this.#transport.pause();
    else if (this.#transport.isPaused()) this.#transport.resume();
  }

  /** Hands the first arrival on; false: not yet. */
  #hand(next: PacketRun | ParsedPublish): boolean {
    if (this.#stopped || this.#rateTimer || !this.#readerWants) return false;
    // Behind an unanswered CONNECT the parser would take it for a stranger's, or out of turn.
    if (this.#stage === "greeted") return false;
    const publishes = isRun(next) ? next.publishes : 1;
    // Only publishes need the disk: who connects, subscribes or pings is served also while it is full.
    if (publishes > 0 && this.#backpressure.isActive) {
      this.#backpressure.addWaiter(this);
      return false;
    }
    if (isRun(next)) {
      // A DISCONNECT, above all, waits until what came before it is answered.
      if (next.publishes < next.packets && !this.#owesNothing) return false;
      this.#inbound.shift();
      this.#readerWants = false;
      if (this.#stage === "new") this.#stage = "greeted";
      this.push(next.bytes.subarray(next.start, next.end));
    } else {
      if (this.#unsettled >= this.#runPackets || !this.#takesAnswers()) return false;
      this.#inbound.shift();
      this.#unsettled++;
      this.fastPath!.handle(next);
    }
    const pauseMs = this.#meter && publishes > 0 ? this.#meter.take(publishes, Date.now()) : 0;
    if (pauseMs > 0) {
      this.#rateTimer = setTimeout(() => {
        this.#rateTimer = undefined;
        this.#flow();
      }, pauseMs);
    }
    return true;
  }

  get #owesNothing(): boolean {
    return this.#unsettled === 0 && !this.#answerDue;
  }

  /** False while the sender does not read; when it does, we go on. */
  #takesAnswers(): boolean {
    if (!this.#transport.writableNeedDrain) return true;
    if (this.#drainTimer) return false;
    this.#drainTimer = setTimeout(() => this.#refuse("takes none of its answers"), this.#drainTimeoutMs);
    this.#transport.once("drain", () => {
      clearTimeout(this.#drainTimer);
      this.#drainTimer = undefined;
      this.#flow();
    });
    return false;
  }

  /** The next run comes in the next turn of the event loop: a flood takes its turn like everybody else. */
  override _read(): void {
    setImmediate(() => {
      this.#readerWants = true;
      this.#flow();
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

const answerNow = (connection: MqttConnection): void => connection.flushAcks();
