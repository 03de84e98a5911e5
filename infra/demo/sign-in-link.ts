import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";

/** A link that signs in as often as it is opened, from any browser on this machine. */
export interface SignInLink {
  url: string;
  close(): Promise<void>;
}

/**
 * The page's own links work once. This one leads to a new one of those each time it is opened: a small server on loopback
 * answers it, and ends with the demo.
 */
export async function serveSignInLink(createLink: () => Promise<string>, log: Logger): Promise<SignInLink> {
  const path = `/${randomBytes(9).toString("base64url")}`;
  const server = createServer((request, response) => {
    response.setHeader("Cache-Control", "no-store");
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    createLink().then(
      (location) => response.writeHead(302, { location }).end(),
      (error: unknown) => {
        log.warn({ err: error }, "a sign-in link could not be made");
        response.writeHead(503, { "Retry-After": "2" }).end("Try again in a moment: the database does not answer.\n");
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
