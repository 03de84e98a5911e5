import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../transport/peer.ts";
import type { Principal } from "./authorize.ts";
import type { AccountCredentials, DeviceCredentials } from "./credential-queries.ts";
import { type DeviceTokens, looksLikeToken } from "./device-tokens.ts";
import type { Peer } from "../transport/peer.ts";
import type { CredentialCache } from "./credential-cache.ts";
import type { Rate } from "../uplink/rate.ts";

/** What a CONNECT (or an HTTP request) says of its sender. */
export interface ConnectCredentials {
  clientId: string;
  userName: string | undefined;
  password: Buffer | undefined;
  peer: Peer;
}

/** What somebody was let in by. */
export type AuthMethod =
  | { type: "secret"; sha256: string }
  | { type: "token"; expiresAt: number }
  | { type: "certificate" }
  | { type: "loopback" };

/** CONNACK return codes of a refusal (section 3.2.2.3): 2 client id, 3 unavailable, 4 credentials, 5 not authorised. */
export interface AuthRefusal {
  ok: false;
  returnCode: 2 | 3 | 4 | 5;
  reason: string;
}

export type AuthResult = { ok: true; principal: Principal; method: AuthMethod; rate: Rate | undefined } | AuthRefusal;

export interface AuthenticateSettings {
  anonymousLoopback: boolean;
  deviceRate: Rate;
}

const NO_SUCH_SECRET = "0".repeat(64);
export const refuse = (returnCode: AuthRefusal["returnCode"], reason: string): AuthRefusal => ({
  ok: false,
  returnCode,
  reason,
});
export const sha256Hex = (text: Buffer | string): string => createHash("sha256").update(text).digest("hex");

/**
 * Who this is, from memory (a token may need its key from Postgres once). Whoever memory does not know is looked up once
 * more: a device that was added, or got a new secret, a moment ago may be faster than the notice of it.
 */
export async function authenticate(
  claim: ConnectCredentials,
  registry: CredentialCache,
  tokens: DeviceTokens,
  settings: AuthenticateSettings,
): Promise<AuthResult> {
  const identity = await identifyFromMemory(claim, registry, tokens, settings);
  const name = claim.peer.certificateName ?? claim.userName;
  if (identity.ok || !UNKNOWN_CODES.has(identity.returnCode) || !name || !registry.isLoaded) return identity;
  const answer = await registry.reload(name);
  if (answer === "read") return identifyFromMemory(claim, registry, tokens, settings);
  // Added, approved or given a new secret just before: a device that is told "wrong" may never come again.
  return answer === "away" ? refuse(3, "Postgres is away, and memory does not know this name or secret") : identity;
}

/** Refusals that a change a moment ago may have made wrong. */
const UNKNOWN_CODES: ReadonlySet<number> = new Set([4, 5]);

/** In the same time whether or not the name exists. */
async function identifyFromMemory(
  claim: ConnectCredentials,
  registry: CredentialCache,
  tokens: DeviceTokens,
  settings: AuthenticateSettings,
): Promise<AuthResult> {
  const { clientId, userName, password, peer } = claim;
  const { certificateName } = peer;
  if (!userName && !password && certificateName === undefined) return anonymous(claim, registry, settings);
  if (!registry.isLoaded) return refuse(3, "Postgres is away, and there is no credential snapshot");
  if (certificateName !== undefined) {
    const device = registry.device(certificateName);
    if (clientId !== certificateName) return refuse(5, "the client id is not the one the certificate names");
    if (!device) return refuse(5, "the certificate names no device");
    return asDevice(device, clientId, { type: "certificate" }, settings);
  }

  const named = registry.device(userName ?? "") ?? registry.deviceByAccessToken(sha256Hex(userName ?? ""));
  const account = named ? undefined : registry.account(userName ?? "");
  const method =
    named && named.id !== userName
      ? { type: "secret" as const, sha256: sha256Hex(userName ?? "") }
      : await verifyPassword(userName ?? "", password, named?.secrets ?? (account ? [account.secret] : []), tokens);
  if (!method) return refuse(4, "unknown user name, or wrong secret or token");
  if (named) return asDevice(named, clientId, method, settings);
  if (account) return asAccount(account, clientId, method);
  return refuse(4, "unknown user name, or wrong secret or token");
}

function anonymous(
  { clientId, peer }: ConnectCredentials,
  registry: CredentialCache,
  settings: AuthenticateSettings,
): AuthResult {
  if (!settings.anonymousLoopback || !isLoopback(peer.address)) return refuse(5, "no credentials");
  const taken = registry.device(clientId) ?? registry.account(clientId.split("/", 1)[0]!);
  if (taken) return refuse(2, "this client id is a device's or a service account's");
  return { ok: true, principal: { type: "anonymous", id: clientId }, method: { type: "loopback" }, rate: undefined };
}

async function verifyPassword(
  userName: string,
  password: Buffer | undefined,
  secrets: readonly string[],
  tokens: DeviceTokens,
): Promise<AuthMethod | undefined> {
  const sha256 = matching(sha256Hex(password ?? ""), secrets);
  if (sha256 !== undefined) return { type: "secret", sha256 };
  const text = password?.toString("latin1") ?? "";
  if (!looksLikeToken(text)) return undefined;
  const token = await tokens.verify(text);
  return token?.subject === userName ? { type: "token", expiresAt: token.expiresAt } : undefined;
}

function matching(given: string, secrets: readonly string[]): string | undefined {
  let match: string | undefined;
  const bytes = Buffer.from(given);
  for (const secret of secrets.length > 0 ? secrets : [NO_SUCH_SECRET]) {
    const expected = Buffer.from(secret);
    if (expected.length === bytes.length && timingSafeEqual(expected, bytes)) match = secret;
  }
  return match;
}

function asDevice(
  { id, state, decoder, rateLimit }: DeviceCredentials,
  clientId: string,
  method: AuthMethod,
  settings: AuthenticateSettings,
): AuthResult {
  if (clientId !== id) return refuse(5, "the client id is not the device's id");
  if (state !== "active") return refuse(5, `the device is ${state}`);
  return {
    ok: true,
    principal: { type: "device", id, decoder },
    method,
    rate: rateOf(rateLimit, settings.deviceRate),
  };
}

function asAccount(account: AccountCredentials, clientId: string, method: AuthMethod): AuthResult {
  if (!account.active) return refuse(5, "the service account is not active");
  // "/" cannot stand in a device's id, so no service account can take a device's place.
  if (clientId !== account.id && !clientId.startsWith(`${account.id}/`)) {
    return refuse(5, "the client id is neither the service account's id nor below it");
  }
  const { id, publish, subscribe } = account;
  return { ok: true, principal: { type: "account", id, publish, subscribe }, method, rate: undefined };
}

/** A device's own limit keeps the installation's proportion of burst to rate. */
function rateOf(perSecond: number | null, fallback: Rate): Rate | undefined {
  if (perSecond === null) return fallback.perSecond > 0 ? fallback : undefined;
  if (perSecond === 0) return undefined;
  return {
    perSecond,
    burst: Math.max(1, perSecond * (fallback.perSecond > 0 ? fallback.burst / fallback.perSecond : 2)),
  };
}

/** Whether a connection made with `method` would still be let in. */
export function isSessionStillAuthorized(principal: Principal, method: AuthMethod, registry: CredentialCache): boolean {
  if (principal.type === "anonymous") return true;
  if (principal.type === "device") {
    const device = registry.device(principal.id);
    if (device?.state !== "active" || device.decoder !== principal.decoder) return false;
    return method.type !== "secret" || device.secrets.includes(method.sha256);
  }
  const account = registry.account(principal.id);
  if (!account?.active || !sameFilters(principal, account)) return false;
  return method.type !== "secret" || account.secret === method.sha256;
}

function sameFilters(one: Filters, other: Filters): boolean {
  return JSON.stringify([one.publish, one.subscribe]) === JSON.stringify([other.publish, other.subscribe]);
}

interface Filters {
  publish: readonly string[];
  subscribe: readonly string[];
}
