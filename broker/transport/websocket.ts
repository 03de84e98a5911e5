import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { MAX_CONNECT_BYTES } from "../mqtt/packet-validator.ts";
import type { ConnectionManager } from "./connection-manager.ts";
import type { Peer } from "./peer.ts";

const PATH = "/mqtt";
/** `mqttv3.1` was in use before the name `mqtt` was registered */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"];
/** One frame may carry many packets. The packet framer limits the size of each. */
const MAX_FRAME_BYTES = 1024 * 1024;
/** of a frame that arrives in small pieces: at the size of network packets the largest has about 800 */
const MAX_PIECES = 4096;
/** What a client may send before its CONNECT is complete: the largest CONNECT, with room for frame headers. */
const MAX_BYTES_BEFORE_CONNECT = MAX_CONNECT_BYTES + 4096;

/**
 * MQTT over WebSocket (MQTT 3.1.1 section 6) on an HTTP server: path `/mqtt`, subprotocol `mqtt` [MQTT-6.0.0-3].
 * @param peerOf tells the other end of a request; undefined: it is refused
 */
export function acceptWebSockets(
  server: Server,
  connections: ConnectionManager,
  peerOf: (request: IncomingMessage) => Peer | undefined,
): void {
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    maxBufferedChunks: MAX_PIECES,
    maxFragments: MAX_PIECES,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
    if (request.url?.split("?", 1)[0] !== PATH) return refuse(socket, "404 Not Found");
    if (!offered.some((name) => SUBPROTOCOLS.includes(name))) return refuse(socket, "400 Bad Request");
    const peer = peerOf(request);
    if (!peer) return refuse(socket, "403 Forbidden");
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      // MQTT packets travel in binary frames only [MQTT-6.0.0-1].
      webSocket.on("message", (_data, isBinary) => {
        if (!isBinary) webSocket.terminate();
      });
      const stream = createWebSocketStream(webSocket, { readableHighWaterMark: 64 * 1024 });
      const setKeepAlive = (on: boolean, delayMs: number) => request.socket.setKeepAlive(on, delayMs);
      const connection = connections.accept(Object.assign(stream, { setKeepAlive }), peer);
      // A frame reaches the packet framer whole, so that its own limit would come too late.
      let bytes = 0;
      const limitBytes = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (connection?.hasConnect) socket.off("data", limitBytes);
        else if (bytes > MAX_BYTES_BEFORE_CONNECT) webSocket.terminate();
      };
      socket.on("data", limitBytes);
    });
  });
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
