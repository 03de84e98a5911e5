import type { Pool } from "pg";
import type { Logger } from "pino";
import type { AttemptLimit, CreateAttemptCounter } from "./auth/login-throttle.ts";
import type { Principal } from "./auth/principal.ts";
import type { CreateTokenBucket, Rate } from "./http/rate-limit.ts";
import type { LiveFeed } from "./live/feed.ts";
import type { SeriesReader } from "./resources/readings/series.ts";

/** The health of one part of the platform. */
export interface ProbeResult {
  ok: boolean;
  /** shown to the public: it holds no host names and no addresses */
  detail?: string | number;
}

export interface ApiSettings {
  /** e.g. `https://waystock.example`; base of links, and the issuer (`iss`) of tokens */
  publicUrl: string;
  loginAttempts: AttemptLimit;
  /** limit of requests per principal */
  apiRate: Rate;
  /** origins that may call the API from a browser (CORS) */
  corsOrigins: readonly string[];
  /** with it tracking numbers are SSCCs */
  gs1CompanyPrefix?: string | undefined;
  /** directory of the built dashboard; without it only the API is served */
  dashboardDirectory?: string | undefined;
  version: string;
}

/** Everything the API needs from outside. It opens no connection itself. */
export interface ApiDeps {
  pool: Pool;
  log: Logger;
  settings: ApiSettings;
  series: SeriesReader;
  feed: LiveFeed;
  createTokenBucket: CreateTokenBucket;
  createAttemptCounter: CreateAttemptCounter;
  /** one per part of the platform: broker, journal, postgres, series, lag */
  probes: Readonly<Record<string, () => Promise<ProbeResult>>>;
}

/** The Hono environment of a request. */
export interface ApiEnv {
  Variables: { requestId: string; principal: Principal | undefined };
  // Absent when a request comes without a socket, as in tests.
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
}
