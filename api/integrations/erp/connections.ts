import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import type { ClientPrincipal } from "../../auth/principal.ts";
import { erpCredentialsContext } from "../../auth/seal-stored.ts";
import type { KeptSecret, Sealer } from "../../auth/sealing.ts";
import type { ErpAdapter } from "./adapter.ts";
import { ErpError } from "./erp-error.ts";
import { createErpnext } from "./erpnext/erpnext.ts";
import { createGeneric } from "./generic/generic.ts";
import type { CallErp } from "./http-client.ts";
import { createOdoo } from "./odoo/odoo.ts";
import { type ErpOptions, erpOptions } from "./options.ts";

export const ERP_KINDS = ["odoo", "erpnext", "generic"] as const;

export interface Connection {
  id: number;
  key: string;
  name: string;
  kind: (typeof ERP_KINDS)[number];
  url: string;
  database: string | null;
  options: ErpOptions;
  attempts: number;
  checksAll: boolean;
  lastSyncedAt: Date | null;
  principal: ClientPrincipal;
}

interface Row extends Omit<Connection, "principal" | "options"> {
  options: unknown;
  clientId: string;
  apiClientId: number;
}

export const CONNECTION = `SELECT e.id, e.key, e.name, e.kind, e.url, e.database, e.options, e.attempts, e.checks_all AS "checksAll",
    e.last_synced_at AS "lastSyncedAt", e.api_client_id AS "apiClientId", a.client_id AS "clientId"
  FROM erp_connections e JOIN api_clients a ON a.id = e.api_client_id`;

export function connectionOf({ options, clientId, apiClientId, ...row }: Row): Connection {
  const principal: ClientPrincipal = {
    kind: "client",
    id: apiClientId,
    clientId,
    name: row.name,
    role: "manager",
    limits: { locationIds: null, ownerIds: null },
    grant: "erp",
    authMethod: "bearer",
  };
  return { ...row, options: erpOptions.parse(options), principal };
}

export async function findConnection(db: Pool | PoolClient, id: number): Promise<Connection | undefined> {
  const { rows } = await db.query<Row>(`${CONNECTION} WHERE e.id = $1`, [id]);
  return rows[0] && connectionOf(rows[0]);
}

const text = z.string().trim().min(1).max(2_000);
/** What signs in: of Odoo an API key (before 19 with the user's name), of ERPNext key and secret, of others what they ask for. */
export const erpCredentials = z
  .strictObject({ api_key: text, api_secret: text, user: text, password: text, token: text })
  .partial();
export type ErpCredentials = z.output<typeof erpCredentials>;

/** What is missing to sign in; undefined: nothing. */
export function credentialsProblem(kind: Connection["kind"], given: ErpCredentials): string | undefined {
  if (kind === "odoo" && given.api_key === undefined) return "Odoo needs an api_key; before version 19 also user";
  if (kind === "erpnext" && (given.api_key === undefined || given.api_secret === undefined))
    return "ERPNext needs api_key and api_secret";
  return undefined;
}

export async function keepCredentials(
  client: PoolClient,
  sealer: Sealer,
  id: number,
  credentials: ErpCredentials,
): Promise<void> {
  const { plain, sealed } = sealer.keep(Buffer.from(JSON.stringify(credentials), "utf8"), erpCredentialsContext(id));
  await client.query("UPDATE erp_connections SET credentials = $2, sealed_credentials = $3 WHERE id = $1", [
    id,
    plain,
    sealed,
  ]);
}

/** @throws ErpError when they cannot be read */
export async function readCredentials(db: Pool | PoolClient, sealer: Sealer, id: number): Promise<ErpCredentials> {
  const { rows } = await db.query<KeptSecret>(
    "SELECT credentials AS plain, sealed_credentials AS sealed FROM erp_connections WHERE id = $1",
    [id],
  );
  const [row] = rows;
  if (row === undefined || (row.plain === null && row.sealed === null)) return {};
  const secret = sealer.read(row, erpCredentialsContext(id));
  if (secret === undefined)
    throw new ErpError("auth", "the credentials cannot be read: this process has another SECRETS_KEY");
  return erpCredentials.parse(JSON.parse(secret.toString("utf8")));
}

export function createAdapter(
  call: CallErp,
  { kind, url, database, options }: Pick<Connection, "kind" | "url" | "database" | "options">,
  { api_key: apiKey = "", api_secret: apiSecret = "", user, password, token }: ErpCredentials,
): ErpAdapter {
  switch (kind) {
    case "odoo":
      return createOdoo(call, { url, database, user, apiKey });
    case "erpnext":
      return createErpnext(call, { url, apiKey, apiSecret }, options.company);
    case "generic":
      return createGeneric(call, { url, user, password, token }, options);
  }
}
