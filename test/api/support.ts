import type { OpenAPIHono } from "@hono/zod-openapi";
import { pino } from "pino";
import { createApp } from "../../api/app.ts";
import type { Role } from "../../api/auth/roles.ts";
import { Sealer } from "../../api/auth/sealing.ts";
import { Sessions } from "../../api/auth/sessions.ts";
import { openTokens } from "../../api/auth/tokens.ts";
import type { ApiDeps, ApiEnv, ApiSettings } from "../../api/deps.ts";
import { createAuditBatchWriter } from "../../api/http/audit/queries.ts";
import { CaptureRunner } from "../../api/integrations/epcis/capture/capture-runner.ts";
import { openLiveFeed } from "../../api/live/feed.ts";
import { ImportRunner } from "../../api/resources/imports/runner.ts";
import { openPostgresSeries } from "../../api/resources/readings/series-postgres.ts";
import { Provisioning } from "../../broker/auth/provisioning.ts";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import { compareWithDocument } from "./documented.ts";
import { connectTo, createDatabase, type TestDatabase } from "../support/postgres.ts";
import { passwordProblem } from "../../infra/config/password-rule.ts";
import { createRefusalLimit } from "../../infra/runtime/refusal-limit.ts";
import { createIsLocal } from "../../infra/runtime/client-address.ts";
import { createAttemptCounter } from "../../infra/runtime/attempt-counter.ts";
import { maskSecrets } from "../../infra/runtime/mask-secrets.ts";
import { createTokenBucket } from "../../infra/runtime/token-bucket.ts";

const SETTINGS: ApiSettings = {
  publicUrl: "http://waystock.test",
  loginAttempts: { count: 5, windowMs: 15 * 60_000 },
  apiRate: { perSecond: 10_000, burst: 10_000 },
  stockAdjustLimit: { share: 0.1, units: 10 },
  corsOrigins: [],
  webhookAllowedHosts: ["127.0.0.1"],
  version: "0.0.0-test",
};

/** Tests that open a secret, or make tokens beside an API, need its key. */
export const SEALER = new Sealer([Buffer.alloc(32, 7)]);

export interface TestResponse {
  status: number;
  headers: Headers;
  /** parsed JSON; a list is an array at run time */
  body: Record<string, unknown>;
}

export interface TestApi {
  app: OpenAPIHono<ApiEnv>;
  db: TestDatabase;
  /** creates a user with this role, and returns an access token */
  tokenOf(role: Role): Promise<string>;
  /**
   * Creates a user with this role, and returns a function that calls the API as that user: `call("GET /items")`. It reads past the
   * cache, because a test that has just written to Postgres itself does not wait for the notice of that.
   */
  as(role: Role): Promise<(call: string, body?: unknown, headers?: Record<string, string>) => Promise<TestResponse>>;
  close(): Promise<void>;
}

/** What a test may give an API beside its settings. */
interface TestApiOptions extends Pick<ApiDeps, "oidc">, Partial<Pick<ApiDeps, "sealer">> {
  /** an API whose database it shares, as another process does */
  beside?: { db: Pick<TestDatabase, "url"> };
  trustedProxies?: readonly string[];
  /** what the processes of its node report */
  figures?: ReturnType<ApiDeps["figures"]>;
}

/** Starts the API on its own database, without a socket. Every answer is compared with the OpenAPI document. */
export async function startApi(
  settings: Partial<ApiSettings> = {},
  { oidc, beside, trustedProxies = [], figures = {}, sealer = SEALER }: TestApiOptions = {},
): Promise<TestApi> {
  const db = beside ? connectTo(beside.db) : await createDatabase();
  const { pool, listener } = db;
  const log = pino({ level: "silent" });
  const feed = openLiveFeed({ pool, listener, log });
  const imports = new ImportRunner({ pool, addAuditEntries: createAuditBatchWriter(maskSecrets), log });
  const captures = new CaptureRunner({ pool, log });
  const app = createApp({
    pool,
    log,
    settings: { ...SETTINGS, ...settings },
    series: openPostgresSeries(pool),
    feed,
    imports,
    captures,
    listener,
    clientAddress: (socketAddress) => socketAddress,
    isLocal: createIsLocal(trustedProxies),
    figures: () => figures,
    oidc,
    provisionDevice: (request) => new Provisioning(pool).provisionByKey(request),
    sealer,
    passwordProblem,
    maskSecrets,
    createTokenBucket,
    createAttemptCounter,
    createRefusalLimit,
    probes: { postgres: async () => ({ ok: (await pool.query("SELECT 1")).rowCount === 1 }) },
  });
  await compareWithDocument(app, JSON.stringify([settings, oidc !== undefined]));
  const tokens = openTokens(pool, settings.publicUrl ?? SETTINGS.publicUrl, sealer);
  tokens.watch(listener);
  const sessions = new Sessions(pool, tokens);
  let users = 0;

  async function tokenOf(role: Role): Promise<string> {
    const { rows } = await pool.query<{ id: number }>(
      "INSERT INTO users (email, role, password_hash) VALUES ($1, $2, '') RETURNING id",
      [`${role}-${(users += 1)}@waystock.test`, role],
    );
    return (await transaction(pool, (client) => sessions.open(client, rows[0]!.id))).accessToken;
  }

  return {
    app,
    db,
    tokenOf,
    async as(role) {
      const token = await tokenOf(role);
      return async (call, body, headers = {}) => {
        const [method, path] = call.split(" ") as [string, string];
        const json = body === undefined ? {} : { "Content-Type": "application/json" };
        const response = await app.request(path, {
          method,
          headers: { Authorization: `Bearer ${token}`, "Cache-Control": "no-cache", ...json, ...headers },
          ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        });
        const text = await response.text();
        const parsed = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
        return { status: response.status, headers: response.headers, body: parsed };
      };
    },
    async close() {
      await captures.close();
      await imports.close();
      await feed.close();
      await db.drop();
    },
  };
}
