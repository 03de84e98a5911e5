import type { IncomingMessage, Server } from "node:http";

/** How long the body of a request may take. */
export interface BodyLimits {
  /** a body must have arrived completely so long after its header */
  requestMs: number;
  /** an upload, which the application asks for, must bring so many bytes in each `requestMs` instead … */
  uploadBytes: number;
  /** … and must have arrived completely within this time */
  uploadMs: number;
}

const TIMEOUT = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n";

/**
 * Closes connections whose bodies take too long. Node has one limit for all requests, so a large file on a slow line would need one
 * that lets strangers hold connections open for as long. Here the application names the requests that may take longer, once it
 * knows who sends them.
 */
export function limitBodies(server: Server, { requestMs, uploadBytes, uploadMs }: BodyLimits): (of: object) => void {
  const uploads = new WeakSet<object>();
  server.on("request", (request: IncomingMessage) => {
    if (!hasBody(request)) return;
    const { socket } = request;
    const beganAt = performance.now();
    let arrived = socket.bytesRead;
    const timer = setInterval(look, requestMs);
    timer.unref();
    request.once("close", () => request.complete && clearInterval(timer));

    function look(): void {
      const isGoing =
        uploads.has(request) &&
        socket.bytesRead - arrived >= uploadBytes &&
        performance.now() - beganAt + requestMs <= uploadMs;
      arrived = socket.bytesRead;
      if (isGoing && !request.complete && !socket.destroyed) return;
      clearInterval(timer);
      if (request.complete || socket.destroyed) return;
      if (socket.writable) socket.write(TIMEOUT);
      socket.destroy();
    }
  });
  return (request) => uploads.add(request);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
