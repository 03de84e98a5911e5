import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { startApi, type TestApi } from "../api/support.ts";

export interface ServedApi extends TestApi {
  /** where it listens, e.g. `http://127.0.0.1:40123` */
  url: string;
}

/** The API on its own database, behind a socket: for clients that are programs of others. */
export async function serveApi(): Promise<ServedApi> {
  const api = await startApi();
  const server = serve({ fetch: api.app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await once(server, "listening");
  return {
    ...api,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await api.close();
    },
  };
}
