import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer as createTlsServer } from "node:https";
import { type ServerType, serve } from "@hono/node-server";
import type { Config } from "../config/config.ts";

/** When the server closes, requests in progress get this long to finish. */
const FINISH_WITHIN_MS = 1_000;

export interface HttpServer {
  close(): Promise<void>;
}

/** Serves `fetch` on one address, with TLS if the listener has it. Resolves once the socket listens. */
export async function serveHttp(
  fetch: (request: Request, env: object) => Response | Promise<Response>,
  { host, port, tls }: { host: string; port: number; tls: boolean },
  certificate: Config["tls"],
): Promise<HttpServer> {
  const secured =
    tls && certificate !== undefined
      ? {
          createServer: createTlsServer,
          serverOptions: { cert: await readFile(certificate.certFile), key: await readFile(certificate.keyFile) },
        }
      : {};
  const server = serve({ fetch, hostname: host, port, ...secured });
  await once(server, "listening");
  return { close: () => closeServer(server) };
}

async function closeServer(server: ServerType): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
  if (!("closeAllConnections" in server)) return closed;
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), FINISH_WITHIN_MS);
  await closed;
  clearTimeout(deadline);
}
