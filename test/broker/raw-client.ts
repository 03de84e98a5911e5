import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { generate, type Packet, parser } from "mqtt-packet";

/** Nothing that a test waits for takes this long, on a busy machine neither. */
const PATIENCE_MS = 10_000;

/** A client made of bytes: it can say what no library would let it say. */
export interface RawClient {
  socket: Socket;
  send(packet: Packet | Buffer): void;
  /** the next packet of this kind; rejects when the connection closes first or time runs out */
  next(cmd: Packet["cmd"], withinMs?: number): Promise<Packet>;
  /** everything received, in order */
  received: Packet[];
  /** resolves when the server has closed; rejects when it has not in time */
  closed(withinMs?: number): Promise<void>;
  destroy(): void;
}

export interface Introduction {
  clientId?: string;
  username?: string;
  password?: string;
  clean?: boolean;
  keepalive?: number;
  will?: { topic: string; payload: Buffer; qos: 0 | 1 | 2; retain: boolean };
}

export function openRaw(port: number): RawClient {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const reading = parser();
  const received: Packet[] = [];
  let taken = 0;
  let isClosed = false;
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of waiters) waiter();
  };
  reading.on("packet", (packet) => {
    received.push(packet);
    wake();
  });
  socket.on("data", (chunk) => reading.parse(chunk));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
    wake();
  });
  const wait = <T>(look: () => T | undefined, withinMs: number, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        waiters.delete(check);
      };
      const check = (): void => {
        const found = look();
        if (found === undefined && !isClosed) return;
        settle();
        if (found === undefined) reject(new Error(`closed while waiting for ${what}`));
        else resolve(found);
      };
      const timer = setTimeout(() => {
        settle();
        reject(new Error(`no ${what} within ${withinMs} ms`));
      }, withinMs);
      waiters.add(check);
      check();
    });
  return {
    socket,
    received,
    send: (packet) => socket.write(Buffer.isBuffer(packet) ? packet : generate(packet)),
    next: (cmd, withinMs = PATIENCE_MS) =>
      wait(
        () => {
          const index = received.findIndex((packet, at) => at >= taken && packet.cmd === cmd);
          if (index < 0) return undefined;
          taken = index + 1;
          return received[index];
        },
        withinMs,
        cmd,
      ),
    closed: (withinMs = PATIENCE_MS) =>
      wait(() => (isClosed ? true : undefined), withinMs, "close").then(() => undefined),
    destroy: () => socket.destroy(),
  };
}

/** Connects and introduces itself; resolves with the CONNACK's return code (or -1: closed without one). */
export async function connectRaw(port: number, who: Introduction): Promise<{ client: RawClient; returnCode: number }> {
  const client = openRaw(port);
  await once(client.socket, "connect");
  client.send(connectPacket(who));
  const answer = await client.next("connack").catch(() => undefined);
  return { client, returnCode: answer?.cmd === "connack" ? (answer.returnCode ?? -1) : -1 };
}

export function connectPacket(who: Introduction): Buffer {
  return generate({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clientId: who.clientId ?? "",
    clean: who.clean ?? true,
    keepalive: who.keepalive ?? 0,
    ...(who.username === undefined ? {} : { username: who.username }),
    ...(who.password === undefined ? {} : { password: Buffer.from(who.password) }),
    ...(who.will ? { will: who.will } : {}),
  });
}

export function publishPacket(topic: string, payload: string | Buffer, qos: 0 | 1 | 2, messageId = 1): Buffer {
  return generate({ cmd: "publish", topic, payload, qos, messageId, dup: false, retain: false });
}
