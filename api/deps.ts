import type { Pool } from "pg";
import type { Logger } from "pino";
import type { AttemptLimit, CreateAttemptCounter } from "./auth/login-throttle.ts";
import type { Kept } from "./cache/kept.ts";
import type { RefusalLimit } from "./http/audit/queries.ts";
import type { OidcProvider } from "./auth/oidc/provider.ts";
import type { Principal } from "./auth/principal.ts";
import type { Sealer } from "./auth/sealing.ts";
import type { CreateTokenBucket, Rate } from "./http/rate-limit.ts";
import type { LiveFeed } from "./live/feed.ts";
import type { CaptureRunner } from "./integrations/epcis/capture/capture-runner.ts";
import type { PostgresListener } from "./live/postgres-listener.ts";
import type { FigureReports } from "./metrics/node-metrics.ts";
import type { ProvisionDevice } from "./resources/device-profiles/provision-schema.ts";
import type { ImportRunner } from "./resources/imports/runner.ts";
import type { SeriesReader } from "./resources/readings/series.ts";

/** The health of one part of the platform. */
export interface ProbeResult {
  ok: boolean;
  /** not ok, but publishing and signing in work */
  degraded?: boolean;
  /** shown to the public: it holds no host names and no addresses */
  detail?: string | number;
}

export interface ApiSettings {
  /** e.g. `https://waystock.example`; base of links, and the issuer (`iss`) of tokens */
  publicUrl: string;
  loginAttempts: AttemptLimit;
  /** limit of requests per principal */
  apiRate: Rate;
  /** by how much an operator may change a level: a share of it, or base units, whichever is more */
  stockAdjustLimit: { share: number; units: number };
  /** origins that may call the API from a browser (CORS) */
  corsOrigins: readonly string[];
  /** hosts that notifications may go to though their addresses are private, as `host` or `host:port` */
  webhookAllowedHosts: readonly string[];
  /** with it tracking numbers are SSCCs */
  gs1CompanyPrefix?: string | undefined;
  /** directory of the built dashboard; without it only the API is served */
  dashboardDirectory?: string | undefined;
  /** how to connect devices, Markdown; shown at /docs/devices */
  deviceGuide?: string | undefined;
  version: string;
  /** serves `/mcp` */
  mcp?: boolean | undefined;
}

/** Everything the API needs from outside. It opens no connection itself. */
export interface ApiDeps {
  pool: Pool;
  log: Logger;
  settings: ApiSettings;
  series: SeriesReader;
  feed: LiveFeed;
  /** reads the files that are imported */
  imports: ImportRunner;
  /** writes the EPCIS documents that are captured */
  captures: CaptureRunner;
  listener: PostgresListener;
  /**
   * What limits by address count as the sender of a request.
   * @param forwardedFor the header `X-Forwarded-For`
   */
  clientAddress: (socketAddress: string | undefined, forwardedFor: string | undefined) => string | undefined;
  /** whether a request was made on this machine, and was not passed on by a proxy for a stranger */
  isLocal: (arrival: {
    socketAddress: string | undefined;
    header: (name: "host" | "x-forwarded-for" | "forwarded" | "x-real-ip" | "via") => string | undefined;
  }) => boolean;
  /** what the processes of this node report, this one included */
  figures: () => FigureReports;
  /** the external identity provider, if there is one */
  oidc?: OidcProvider | undefined;
  provisionDevice: ProvisionDevice;
  /** encrypts the secrets that are kept in Postgres and needed back */
  sealer: Sealer;
  /** why a password may not be chosen; undefined: it may */
  passwordProblem: (password: string) => string | undefined;
  /** replaces what is shaped like a secret in a text for the audit or an answer */
  maskSecrets: (text: string) => string;
  createTokenBucket: CreateTokenBucket;
  createAttemptCounter: CreateAttemptCounter;
  createRefusalLimit: () => RefusalLimit;
  /** one per part of the platform: broker, journal, postgres, series, lag; undefined: this process cannot know */
  probes: Readonly<Record<string, () => Promise<ProbeResult | undefined>>>;
}

/** The Hono environment of a request. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    principal: Principal | undefined;
    route: string | undefined;
    kept: Kept | undefined;
    /** the answer is content that people have added: no browser may run anything in it */
    isForeign: true | undefined;
    /** the Content-Security-Policy of a page that needs less than the dashboard */
    policy: string | undefined;
    /** refuses what the headers of the request ask for; called once its sender is known, so an invalid token is always 401 */
    negotiate: (() => void) | undefined;
  };
  // Absent when a request comes without a socket, as in tests.
  Bindings: {
    incoming?: { socket?: { remoteAddress?: string }; rawHeaders?: readonly string[] };
    outgoing?: { destroy(): void };
    /** lets the body of this request take as long as bytes keep arriving; for senders who are known */
    takeUpload?: () => void;
  };
}
