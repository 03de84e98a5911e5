import { once } from "node:events";
import type { Server as HttpServerOfNode } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Server as TlsServer, TlsOptions } from "node:tls";
import { type ServerType, serve } from "@hono/node-server";
import { WebSocketServer } from "ws";
import { isLoopback } from "../config/listeners.ts";
import { limitBodies } from "./body-limit.ts";
import { addressBlock } from "./client-address.ts";

/** When the server closes, requests in progress get this long to finish. */
const FINISH_WITHIN_MS = 1_000;

/** Limits of what a client may hold, signed in or not. */
export interface HttpLimits {
  /** the header of a request, and after it the body, must each have arrived completely within this time */
  requestMs: number;
  /** of a body that the application takes as an upload: it may take up to `uploadMs` while so much arrives in each `requestMs` */
  uploadBytes: number;
  uploadMs: number;
  /** a connection that moves no byte for this long is closed; the live stream pings more often */
  idleMs: number;
  connections: number;
  /** of one address; loopback is exempt, where a proxy of this machine connects from */
  connectionsPerAddress: number;
}

const LIMITS: HttpLimits = {
  requestMs: 30_000,
  uploadBytes: 64 * 1024,
  uploadMs: 3_600_000,
  idleMs: 60_000,
  connections: 4_000,
  connectionsPerAddress: 1_000,
};

/** What a request comes with: its message, and a way to let its body take longer. */
interface RequestEnv {
  incoming?: object;
  takeUpload?: () => void;
  /** of a request to switch to a WebSocket */
  wss?: object | undefined;
}

/** A client of a WebSocket has nothing to say: what it may send, bytes. */
const MAX_MESSAGE_BYTES = 1024;
/** What the adapter needs of a server of WebSockets, in words of its own. */
type UpgradeServer = NonNullable<Parameters<typeof serve>[0]["websocket"]>["server"];
/** RFC 6455 §7.4.1: the server goes away. */
const GOING_AWAY = 1001;

/** The server certificate, and its replacement when the files change. */
export interface Certificate {
  readonly options: TlsOptions;
  keepUpdated(server: TlsServer): void;
}

export interface HttpServer {
  close(): Promise<void>;
}

/** Serves `fetch` on one address, with TLS if there is a certificate. Resolves once the socket listens. */
export async function serveHttp(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { host, port }: { host: string; port: number },
  certificate: Certificate | undefined,
  limits: HttpLimits = LIMITS,
): Promise<HttpServer> {
  const options = {
    // Bodies have limits of their own.
    requestTimeout: 0,
    headersTimeout: limits.requestMs,
    // Node checks the two limits only this often, every 30 s by default.
    connectionsCheckingInterval: Math.min(2_000, limits.requestMs / 4),
  };
  const secured = certificate && {
    createServer: createTlsServer,
    serverOptions: { ...options, ...certificate.options },
  };
  let takeUpload: (request: object) => void = () => undefined;
  const fetchWithUploads = (request: Request, env: RequestEnv) => {
    const { incoming } = env;
    if (env.wss !== undefined) return withoutBody(fetch(request, env));
    if (incoming !== undefined && request.method === "POST") env.takeUpload = () => takeUpload(incoming);
    return fetch(request, env);
  };
  const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  const server = serve({
    fetch: fetchWithUploads,
    hostname: host,
    port,
    websocket: { server: webSockets as unknown as UpgradeServer },
    ...(secured ?? { serverOptions: options }),
  });
  certificate?.keepUpdated(server as unknown as TlsServer);
  limitConnections(server, limits);
  takeUpload = limitBodies(server as HttpServerOfNode, limits);
  await once(server, "listening");
  return { close: () => closeServer(server, webSockets) };
}

/** Of a request to switch protocols only the status is answered: a stream that nobody reads would stay open. */
async function withoutBody(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  await response.body?.cancel();
  return response;
}

function limitConnections(server: ServerType, { connections, connectionsPerAddress, idleMs }: HttpLimits): void {
  server.maxConnections = connections;
  server.setTimeout(idleMs);
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const plain = socket.remoteAddress?.replace(/^::ffff:/i, "") ?? "";
    if (isLoopback(plain)) return;
    const address = addressBlock(plain);
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > connectionsPerAddress) socket.destroy();
  });
}

async function closeServer(server: ServerType, webSockets: WebSocketServer): Promise<void> {
  for (const client of webSockets.clients) client.close(GOING_AWAY);
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
  if (!("closeAllConnections" in server)) return closed;
  server.closeIdleConnections();
  const deadline = setTimeout(() => {
    server.closeAllConnections();
    // The HTTP server knows them no longer.
    for (const client of webSockets.clients) client.terminate();
  }, FINISH_WITHIN_MS);
  await closed;
  clearTimeout(deadline);
}
