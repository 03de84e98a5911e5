import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer, type Server as SocketServer, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import type { Logger } from "pino";
import { isOriginAllowed } from "./origin.ts";
import { plainAddress } from "./peer.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import type { Peer } from "./peer.ts";
import { readProxyHeader } from "./proxy-protocol.ts";
import type { BrokerSettings, ListenAddress } from "../settings.ts";
import { TlsIdentity } from "./tls.ts";
import { acceptWebSockets } from "./websocket.ts";

/** The ports that are bound; undefined: that listener is off. */
export interface Ports {
  port: number | undefined;
  tlsPort: number | undefined;
  wsPort: number | undefined;
}

/** connections the kernel queues before `accept`: after a power cut a whole site reconnects at once */
const BACKLOG = 8192;

const portOf = (server: SocketServer): number => (server.address() as AddressInfo).port;
const remoteEndpoint = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;

/** Answers one HTTP request of a device that does not speak MQTT. */
export type RequestHandler = (request: IncomingMessage, response: Parameters<RequestListener>[1], peer: Peer) => void;

/** All listening sockets of the broker: TCP, TLS, WebSocket with HTTP, each optionally behind a PROXY header. */
export class Listeners {
  readonly #settings: BrokerSettings;
  readonly #connections: ConnectionManager;
  readonly #addressBlock: (address: string) => string;
  readonly #log: Logger;
  readonly #bound: SocketServer[] = [];
  readonly #http: Server[] = [];
  /** client addresses from PROXY headers, by the balancer's endpoint of the connection */
  readonly #clientAddresses = new Map<string, string>();
  #tls: TlsIdentity | undefined;

  /** @param addressBlock what limits by address count as one */
  constructor(
    settings: BrokerSettings,
    connections: ConnectionManager,
    addressBlock: (address: string) => string,
    log: Logger,
  ) {
    this.#settings = settings;
    this.#addressBlock = addressBlock;
    this.#connections = connections;
    this.#log = log;
  }

  /** @throws an error that names the address that cannot be bound, or the certificate that cannot be used */
  async open(requests: RequestHandler): Promise<Ports> {
    const { mqtt, mqtts, webSocket, tls } = this.#settings;
    if (tls) {
      const identity = await TlsIdentity.open(tls, this.#log);
      identity.onReload = () => this.#connections.disconnectRevoked((id) => identity.isRevoked(id));
      this.#tls = identity;
    }
    return {
      port: mqtt && (await this.#bind("MQTT", mqtt, this.#plainServer())),
      tlsPort: mqtts && (await this.#bind("MQTT over TLS", mqtts, this.#tlsServer())),
      wsPort: webSocket && (await this.#bind("WebSocket", webSocket, this.#httpServer(webSocket.tls, requests))),
    };
  }

  /** Accepts no more connections. Resolves when those that are open have ended. */
  async close(): Promise<void> {
    this.#tls?.close();
    const closed = this.#bound.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const server of this.#http) server.closeIdleConnections();
    await Promise.all(closed);
  }

  /** Ends HTTP connections that are still answering a request. */
  closeRequests(): void {
    for (const server of this.#http) server.closeAllConnections();
  }

  #plainServer(): SocketServer {
    return createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  #tlsServer(): SocketServer {
    const identity = this.#requireTls();
    const server = createTlsServer({ ...identity.options, noDelay: true }, (socket) => this.#accept(socket));
    server.on("tlsClientError", (error, socket) => {
      this.#log.debug({ err: error, address: this.#addressOf(socket) }, "broker: TLS handshake failed");
      socket.destroy();
    });
    identity.keepUpdated(server);
    return server;
  }

  #httpServer(tls: boolean, requests: RequestHandler): SocketServer {
    const listener: RequestListener = (request, response) => {
      const peer = this.#peerOfRequest(request, false);
      if (peer) requests(request, response, peer);
      else response.writeHead(403).end();
    };
    const timeouts = {
      requestTimeout: 10_000,
      headersTimeout: 5000,
      // Node checks these two only this often, every 30 s by default.
      connectionsCheckingInterval: 2000,
      keepAliveTimeout: 30_000,
      noDelay: true,
    };
    let server: Server;
    if (tls) {
      const identity = this.#requireTls();
      const secure = createHttpsServer({ ...timeouts, ...identity.options }, listener);
      identity.keepUpdated(secure);
      server = secure;
    } else server = createHttpServer(timeouts, listener);
    acceptWebSockets(server, this.#connections, (request) => this.#peerOfRequest(request, true));
    this.#http.push(server);
    return server;
  }

  #requireTls(): TlsIdentity {
    if (!this.#tls) throw new Error("a TLS listener needs a certificate and its key");
    return this.#tls;
  }

  async #bind(protocol: string, { host, port }: ListenAddress, server: SocketServer): Promise<number> {
    server.maxConnections = this.#settings.maxConnections;
    const bound = this.#settings.proxyProtocol ? this.#behindBalancer(server) : server;
    bound.listen({ port, host, backlog: BACKLOG });
    try {
      await once(bound, "listening");
    } catch (cause) {
      throw new Error(`${protocol} cannot listen on ${host}:${port}`, { cause });
    }
    this.#bound.push(bound);
    this.#log.info({ port: portOf(bound) }, `broker: ${protocol} listens`);
    return portOf(bound);
  }

  /** Puts a server in front that reads the PROXY header of each connection before it passes the connection on. */
  #behindBalancer(server: SocketServer): SocketServer {
    const front = createServer({ noDelay: true }, (socket) => {
      const balancer = remoteEndpoint(socket);
      readProxyHeader(socket).then(
        (address) => {
          if (address !== undefined) this.#clientAddresses.set(balancer, address);
          socket.once("close", () => this.#clientAddresses.delete(balancer));
          server.emit("connection", socket);
        },
        (error: unknown) => {
          this.#log.debug({ err: error, address: socket.remoteAddress }, "broker: connection refused");
          socket.on("error", () => undefined).destroy();
        },
      );
    });
    front.maxConnections = this.#settings.maxConnections;
    return front;
  }

  #accept(socket: Socket): void {
    const peer = this.#peerOf(socket);
    if (peer) this.#connections.accept(socket, peer);
    else socket.on("error", () => undefined).destroy();
  }

  /** The other end of an HTTP request; undefined: it is refused. @param mayBeAnonymous whether loopback needs no credentials */
  #peerOfRequest({ socket, headers }: IncomingMessage, mayBeAnonymous: boolean): Peer | undefined {
    const peer = this.#peerOf(socket);
    if (!peer) return undefined;
    const { clientAddress, anonymousLoopback, allowedOrigins } = this.#settings;
    const forwardedFor = headers["x-forwarded-for"];
    const address = clientAddress(peer.address, Array.isArray(forwardedFor) ? forwardedFor.join() : forwardedFor);
    const needsNoCredentials = peer.certificateName !== undefined || (mayBeAnonymous && anonymousLoopback);
    if (needsNoCredentials && !isOriginAllowed(headers.origin, allowedOrigins)) {
      this.#log.warn({ address, origin: headers.origin }, "broker: connection refused: a page of another origin");
      return undefined;
    }
    return { ...peer, address, addressBlock: this.#addressBlock(address) };
  }

  #peerOf(socket: Socket): Peer | undefined {
    const address = this.#addressOf(socket);
    const addressBlock = this.#addressBlock(address);
    if (!(socket instanceof TLSSocket)) return { address, addressBlock, certificateName: undefined };
    const certificate = this.#requireTls().certificateOf(socket);
    if ("name" in certificate) {
      const { name, id } = certificate;
      return { address, addressBlock, certificateName: name, ...(id !== undefined && { certificateId: id }) };
    }
    this.#log.warn({ address, reason: certificate.invalid }, "broker: connection refused");
    return undefined;
  }

  #addressOf(socket: Socket): string {
    return this.#clientAddresses.get(remoteEndpoint(socket)) ?? plainAddress(socket.remoteAddress);
  }
}
