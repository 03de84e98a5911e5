import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A network in front of a store, with the faults networks and stores have. */
export interface TcpProxy {
  port: number;
  /** cuts what is open and refuses what comes, until `up` */
  down(): void;
  up(): void;
  /** passes nothing on any more on what is open, and closes none of it; connections made later are not affected */
  silence(): void;
  /** the same for good: not even the end of either side is passed on, as by a firewall that has forgotten a connection */
  blackhole(): void;
  /** holds back every answer for so long, milliseconds */
  answerAfter(ms: number): void;
  /** answers every HTTP request with this status itself; undefined: passes them on again */
  answerWith(status: number | undefined): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let isDown = false;
  let delayMs = 0;
  let status: number | undefined;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  const own = (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
  };
  const server = createServer((client) => {
    own(client);
    if (isDown) {
      client.destroy();
      return;
    }
    if (status !== undefined) {
      const body = `{"error":"made up by a test"}`;
      const answer = `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
      client.once("data", () => client.end(answer));
      return;
    }
    const upstream = connect(target);
    own(upstream);
    client.pipe(upstream);
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    let last = Promise.resolve();
    upstream.on("data", (chunk: Buffer) => {
      if (delayMs === 0) {
        client.write(chunk);
        return;
      }
      last = last.then(() => sleep(delayMs)).then(() => void client.write(chunk));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    down() {
      isDown = true;
      cut();
    },
    up: () => void (isDown = false),
    silence() {
      for (const socket of open) socket.unpipe().removeAllListeners("data").resume();
    },
    blackhole() {
      for (const socket of open) {
        socket.unpipe().removeAllListeners("data").removeAllListeners("close").resume();
        socket.on("close", () => open.delete(socket));
      }
    },
    answerAfter(ms) {
      delayMs = ms;
      cut();
    },
    answerWith(wanted) {
      status = wanted;
      cut();
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
