import { Duplex } from "node:stream";
import { judgeConnect } from "./connect-rules.ts";
import { type CutPacket, FrameCutter } from "./frame-cutter.ts";
import type { Gate, Meter } from "./limits.ts";
import { PACKET, packetViolation } from "./packet-rules.ts";
import { SubackCodes } from "./suback-codes.ts";

const PINGRESP = Buffer.from([0xd0, 0x00]);
/** CONNECT is the one packet of an unknown sender: ids, a will and a token fit in this */
const MAX_CONNECT_BYTES = 16 * 1024;
/** how many packets the parser gets at a time of a sender that has not said who it is */
const FIRST_RUN_PACKETS = 16;
/** for bytes already written to leave, once the connection is over */
const LINGER_MS = 1000;

/** Packets that follow one another in the same piece of memory. */
interface Run {
  bytes: Buffer;
  start: number;
  end: number;
  packets: number;
  publishes: number;
}

/** What the guard needs of a TCP, TLS or WebSocket stream. */
export type Transport = Duplex & { setNoDelay?: (on: boolean) => unknown };

/** Where a connection comes from, as far as the transport can tell. */
export interface Origin {
  address: string;
  /** whom its client certificate names; undefined: it sent none */
  certificateName: string | undefined;
}

export interface GuardOptions {
  maxPacketBytes: number;
  /** from the accepted connection to its complete CONNECT */
  connectTimeoutMs: number;
  gate: Gate;
}

/**
 * The stream between a socket and the MQTT parser. Only whole packets that keep the rules pass; a sender that breaks
 * one is cut off before the parser sees a byte of it. Pausing, for a full journal or a rate, happens here too.
 */
export class GuardedConnection extends Duplex {
  readonly origin: Origin;
  readonly #transport: Transport;
  readonly #cutter: FrameCutter;
  readonly #maxPacketBytes: number;
  readonly #gate: Gate;
  readonly #resume = (): void => this.#flow();
  /** made with the first SUBSCRIBE: most connections never send one */
  #subackCodes: SubackCodes | undefined;
  #state: "new" | "connecting" | "open" = "new";
  #meter: Meter | undefined;
  readonly #ready: Run[] = [];
  #runPackets = FIRST_RUN_PACKETS;
  #readerWants = false;
  #ended = false;
  #stopped = false;
  #rateTimer: NodeJS.Timeout | undefined;
  #keepalive: NodeJS.Timeout | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  /** why the guard closed it; undefined: it did not */
  violation: string | undefined;

  constructor(transport: Transport, origin: Origin, { maxPacketBytes, connectTimeoutMs, gate }: GuardOptions) {
    // One run is enough to read ahead: the socket keeps the rest.
    super({ readableHighWaterMark: 1, allowHalfOpen: false });
    this.origin = origin;
    this.#transport = transport;
    this.#maxPacketBytes = maxPacketBytes;
    this.#cutter = new FrameCutter(Math.min(MAX_CONNECT_BYTES, maxPacketBytes));
    this.#gate = gate;
    this.#connectTimer = setTimeout(() => this.#lookForConnect(), connectTimeoutMs);
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
   * From now on the sender is a known one, with its own rate (undefined: none), and hands the parser so many packets
   * at a time before others have their turn.
   */
  open(meter: Meter | undefined, runPackets: number): void {
    this.#state = "open";
    this.#meter = meter;
    this.#runPackets = runPackets;
  }

  /** Reads no more, for the broker is closing; answers still leave. */
  stop(): void {
    this.#stopped = true;
    this.#flow();
  }

  #take(chunk: Buffer): void {
    if (this.destroyed || !this.#cutter.add(chunk)) return;
    let run: Run | undefined;
    let any = false;
    for (let packet = this.#cutter.next(); packet; packet = this.#cutter.next()) {
      if ("fault" in packet) {
        this.#refuse(packet.fault);
        return;
      }
      const type = packet.bytes[packet.start]! >> 4;
      if (!this.#passes(type, packet)) return;
      any = true;
      if (type === PACKET.pingreq && this.#state === "open") {
        // Answered here, for the parser waits with a ping until the publishes before it are on disk.
        this.#transport.write(PINGRESP);
        run = undefined;
        continue;
      }
      if (run === undefined || run.packets === this.#runPackets) {
        run = { bytes: packet.bytes, start: packet.start, end: packet.end, packets: 0, publishes: 0 };
        this.#ready.push(run);
      }
      run.end = packet.end;
      run.packets++;
      if (type === PACKET.publish) run.publishes++;
    }
    if (!any) return;
    this.#keepalive?.refresh();
    this.#flow();
  }

  #passes(type: number, { bytes, start, body, end }: CutPacket): boolean {
    if (type === PACKET.connect) {
      if (this.#state !== "new") return this.#refuse("a second CONNECT [MQTT-3.1.0-2]");
      const verdict = judgeConnect(bytes, start, body, end);
      if (!verdict.ok) return this.#refuse(verdict.reason, verdict.returnCode);
      this.#state = "connecting";
      clearTimeout(this.#connectTimer);
      this.#connectTimer = undefined;
      this.#cutter.maxPacketBytes = this.#maxPacketBytes;
      this.#watch(verdict.keepaliveSeconds);
      return true;
    }
    if (this.#state === "new") return this.#refuse("the first packet is not CONNECT [MQTT-3.1.0-1]");
    const violation = packetViolation(type, bytes[start]! & 0x0f, bytes, body, end);
    if (violation !== undefined) return this.#refuse(violation);
    if (type === PACKET.subscribe) (this.#subackCodes ??= new SubackCodes()).note(bytes, body, end);
    return true;
  }

  /** [MQTT-3.1.2-24]: kept here, by bytes that arrive, for the parser may be waiting for the disk. */
  #watch(keepaliveSeconds: number): void {
    if (keepaliveSeconds === 0) return;
    this.#keepalive = setTimeout(() => {
      // While we do not read, silence is ours.
      if (this.#transport.isPaused()) this.#keepalive?.refresh();
      else this.#refuse("silent for one and a half times its keep alive [MQTT-3.1.2-24]");
    }, keepaliveSeconds * 1500);
  }

  /** While thousands connect at once the CONNECT may be here and not yet read: timers come before sockets in a turn. */
  #lookForConnect(): void {
    setImmediate(() => {
      if (this.#state === "new" && !this.destroyed) this.#refuse("no CONNECT in time (section 3.1)");
    });
  }

  #refuse(reason: string, returnCode?: number): false {
    this.violation = reason;
    if (returnCode !== undefined) this.#transport.write(Buffer.from([0x20, 2, 0, returnCode]));
    this.destroy(new Error(reason));
    return false;
  }

  #slowDown(pauseMs: number): void {
    if (pauseMs <= 0) return;
    this.#rateTimer = setTimeout(() => {
      this.#rateTimer = undefined;
      this.#flow();
    }, pauseMs);
  }

  #flow(): void {
    if (this.destroyed) return;
    // Only publishes need the disk: who connects, subscribes or pings is served also while it is full.
    const gated = this.#gate.closed && (this.#ready[0]?.publishes ?? 0) > 0;
    if (gated) this.#gate.wait(this.#resume);
    const held = this.#rateTimer !== undefined || this.#stopped || gated;
    if (!held && this.#readerWants) {
      const run = this.#ready.shift();
      if (run) {
        this.#readerWants = false;
        this.push(run.bytes.subarray(run.start, run.end));
        if (this.#meter && run.publishes > 0) this.#slowDown(this.#meter.take(run.publishes, Date.now()));
      } else if (this.#ended) this.push(null);
    }
    if (held || this.#ready.length > 0) this.#transport.pause();
    else if (this.#transport.isPaused()) this.#transport.resume();
  }

  /** The next run comes in the next turn of the event loop: a flood takes its turn like everybody else. */
  override _read(): void {
    setImmediate(() => {
      this.#readerWants = true;
      this.#flow();
    });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#transport.write(this.#subackCodes?.mend(chunk) ?? chunk, done);
  }

  override _writev(
    chunks: Array<{ chunk: Buffer; encoding: BufferEncoding }>,
    done: (error?: Error | null) => void,
  ): void {
    const bytes = Buffer.concat(chunks.map(({ chunk }) => chunk));
    this.#transport.write(this.#subackCodes?.mend(bytes) ?? bytes, done);
  }

  override _final(done: () => void): void {
    this.#transport.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#rateTimer);
    clearTimeout(this.#keepalive);
    clearTimeout(this.#connectTimer);
    this.#gate.forget(this.#resume);
    const transport = this.#transport;
    if (!transport.destroyed) {
      transport.removeAllListeners("data");
      // Read on to the end: unread bytes would turn the close into a reset, which can overtake a CONNACK.
      transport.resume();
      transport.end();
      const linger = setTimeout(() => transport.destroy(), LINGER_MS);
      transport.once("close", () => clearTimeout(linger));
    }
    done(error);
  }
}
