import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../../config/config.ts";
import type { RawEnvironment } from "../../config/environment.ts";
import type { ProcessContext } from "../../runtime/lifecycle.ts";
import { type Books, openBooks } from "./books.ts";
import { connectPartner } from "./connect.ts";
import { openKeepsakes } from "./keepsakes.ts";
import { type PartnerServer, startPartnerServer } from "./partner-server.ts";
import { platformApi } from "./platform-api.ts";
import { trade } from "./trade.ts";

/** A business partner of the simulated company, with whose systems the platform is connected. */
export interface Partner {
  server: PartnerServer;
  books: Books;
  /** with which the platform may speak with it: its address is one of this machine */
  environment: RawEnvironment;
}

/** Starts the partner's systems. They listen before the platform starts, which is told their address. */
export async function startPartner({ config, components, log }: ProcessContext): Promise<Partner> {
  const folder = join(config.dataDirectory, "erp");
  const books = await openBooks(folder);
  const keepsakes = await openKeepsakes(folder);
  const server = components.register("demo partner", await startPartnerServer(books, keepsakes, log));
  return { server, books, environment: { WEBHOOK_ALLOWED_HOSTS: allowing(config, server.host) } };
}

const allowing = ({ WEBHOOK_ALLOWED_HOSTS: allowed }: Config, host: string): string => [...allowed, host].join(",");

/**
 * Connects the platform with its partner, who trades from then on until it is closed.
 * @param token of the administrator, as it is now
 */
export async function startTrading(
  { server, books }: Partner,
  { apiUrl, token, log }: { apiUrl: string; token: () => string; log: Logger },
): Promise<{ close(): Promise<void> }> {
  const stopping = new AbortController();
  const api = platformApi(apiUrl, token, stopping.signal);
  const shop = await connectPartner(api, server);
  const trading = trade(api, books, shop, { log, signal: stopping.signal });
  return {
    async close() {
      stopping.abort();
      await trading;
    },
  };
}
