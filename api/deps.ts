import type { Pool } from "pg";
import type { Logger } from "pino";
import type { AttemptLimit } from "./auth/login-throttle.ts";
import type { Principal } from "./auth/principal.ts";
import type { Rate } from "./http/rate-limit.ts";
import type { LiveFeed } from "./live/feed.ts";
import type { SeriesReader } from "./resources/readings/series.ts";

/** What one part of the platform says of itself. */
export interface ProbeResult {
  ok: boolean;
  /** in words or numbers, shown to the public: no names, no addresses */
  detail?: string | number;
}

export interface ApiSettings {
  /** e.g. `https://waystock.example`: links, and the issuer of tokens */
  publicUrl: string;
  loginAttempts: AttemptLimit;
  /** requests of one principal */
  apiRate: Rate;
  /** origins of other pages that may call the API */
  corsOrigins: readonly string[];
  /** makes tracking numbers SSCCs */
  gs1CompanyPrefix?: string | undefined;
  /** built page; without it only the API is served */
  dashboardDirectory?: string | undefined;
  version: string;
}

/** Everything the API needs from outside; it opens nothing itself. */
export interface ApiDeps {
  pool: Pool;
  log: Logger;
  settings: ApiSettings;
  series: SeriesReader;
  feed: LiveFeed;
  /** one per part: broker, journal, postgres, series, lag */
  probes: Readonly<Record<string, () => Promise<ProbeResult>>>;
}

/** What is known of a request while it is served. */
export interface ApiEnv {
  Variables: { requestId: string; principal: Principal | undefined };
  // Absent where no socket is, as in tests.
  Bindings: { incoming?: { socket?: { remoteAddress?: string } } };
}
