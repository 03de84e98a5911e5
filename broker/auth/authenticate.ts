import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopback } from "../transport/peer.ts";
import type { Principal } from "./authorize.ts";
import type { AccountCredentials, DeviceCredentials } from "./credential-queries.ts";
import { type DeviceTokens, looksLikeToken } from "./device-tokens.ts";
import type { Peer } from "../transport/peer.ts";
import type { CredentialCache } from "./credential-cache.ts";
import type { Rate } from "../uplink/rate.ts";

/** The identity that a CONNECT or an HTTP request claims, and the peer it comes from. */
export interface ConnectCredentials {
  clientId: string;
  userName: string | undefined;
  password: Buffer | undefined;
  peer: Peer;
}

/** How a client has proved its identity. */
export type AuthMethod =
  | { type: "secret"; sha256: string }
  | { type: "token"; expiresAt: number; keyId: string; generation: string | undefined }
  | { type: "certificate" }
  | { type: "loopback" };

/** CONNACK return codes (section 3.2.2.3): 2 client id rejected, 3 unavailable, 4 bad credentials, 5 not authorized. */
export interface AuthRefusal {
  ok: false;
  returnCode: 2 | 3 | 4 | 5;
  reason: string;
  /** what to wait before another attempt may succeed, milliseconds */
  retryAfterMs?: number;
  /** the same refusal as before, which was recorded then */
  isRepeated?: boolean;
}

export type AuthResult = { ok: true; principal: Principal; method: AuthMethod; rate: Rate | undefined } | AuthRefusal;

export interface AuthenticateSettings {
  anonymousLoopback: boolean;
  deviceRate: Rate;
}

/** compared with when a name has no secrets, so that the check takes the same time */
const DUMMY_SECRET = "0".repeat(64);

export const refuse = (returnCode: AuthRefusal["returnCode"], reason: string): AuthRefusal => ({
  ok: false,
  returnCode,
  reason,
});
export const sha256Hex = (text: Buffer | string): string => createHash("sha256").update(text).digest("hex");

/**
 * Authenticates a client from the credential cache (a token may need its key from Postgres once). Where the cache refuses
 * it, the name is reloaded from Postgres once: a device that was just added, approved or given a new secret may connect
 * before the notification of it arrives.
 */
export async function authenticate(
  credentials: ConnectCredentials,
  cache: CredentialCache,
  tokens: DeviceTokens,
  settings: AuthenticateSettings,
): Promise<AuthResult> {
  const result = await authenticateFromCache(credentials, cache, tokens, settings);
  const name = credentials.peer.certificateName ?? credentials.userName;
  if (result.ok || !STALE_REFUSALS.has(result.returnCode) || !name || !cache.isLoaded) return result;
  const reloaded = await cache.reload(name);
  if (reloaded === "reloaded") return authenticateFromCache(credentials, cache, tokens, settings);
  if (reloaded === "busy") return refuse(3, "too many unknown names or wrong secrets at the moment");
  // After "unavailable" a device tries again. After "bad credentials" its firmware may give up for good.
  return reloaded === "unavailable"
    ? refuse(3, "Postgres is unavailable, and the cache does not know this name or secret")
    : result;
}

/** return codes of refusals that may only be due to an outdated cache */
const STALE_REFUSALS: ReadonlySet<number> = new Set([4, 5]);

/** Takes the same time whether or not the name exists. */
async function authenticateFromCache(
  credentials: ConnectCredentials,
  cache: CredentialCache,
  tokens: DeviceTokens,
  settings: AuthenticateSettings,
): Promise<AuthResult> {
  const { clientId, userName, password, peer } = credentials;
  const { certificateName } = peer;
  if (!userName && !password && certificateName === undefined)
    return authenticateAnonymous(credentials, cache, settings);
  if (!cache.isLoaded) return refuse(3, "Postgres is unavailable, and there is no credential snapshot");
  if (certificateName !== undefined) {
    const device = cache.device(certificateName);
    if (clientId !== certificateName) return refuse(5, "the client id is not the name in the certificate");
    if (!device) return refuse(5, "there is no device with the certificate's name");
    return authenticateDevice(device, clientId, { type: "certificate" }, settings);
  }

  const device = cache.device(userName ?? "") ?? cache.deviceByAccessToken(sha256Hex(userName ?? ""));
  const account = device ? undefined : cache.account(userName ?? "");
  const method =
    device && device.id !== userName
      ? { type: "secret" as const, sha256: sha256Hex(userName ?? "") }
      : await verifyPassword(userName ?? "", password, device?.secrets ?? account?.secrets ?? [], {
          tokens,
          generation: device?.tokenGeneration,
        });
  if (!method) return refuse(4, "unknown user name, or wrong secret or token");
  if (device) return authenticateDevice(device, clientId, method, settings);
  if (account) return authenticateAccount(account, clientId, method);
  return refuse(4, "unknown user name, or wrong secret or token");
}

function authenticateAnonymous(
  { clientId, peer }: ConnectCredentials,
  cache: CredentialCache,
  settings: AuthenticateSettings,
): AuthResult {
  if (!settings.anonymousLoopback || !isLoopback(peer.address)) return refuse(5, "no credentials");
  const taken = cache.device(clientId) ?? cache.account(clientId.split("/", 1)[0]!);
  if (taken) return refuse(2, "this client id belongs to a device or a service account");
  return { ok: true, principal: { type: "anonymous", id: clientId }, method: { type: "loopback" }, rate: undefined };
}

async function verifyPassword(
  userName: string,
  password: Buffer | undefined,
  secrets: readonly string[],
  { tokens, generation }: { tokens: DeviceTokens; generation: string | undefined },
): Promise<AuthMethod | undefined> {
  const sha256 = findMatch(sha256Hex(password ?? ""), secrets);
  if (sha256 !== undefined) return { type: "secret", sha256 };
  const text = password?.toString("latin1") ?? "";
  if (!looksLikeToken(text)) return undefined;
  const token = await tokens.verify(text);
  if (token?.subject !== userName || token.generation !== generation) return undefined;
  return { type: "token", expiresAt: token.expiresAt, keyId: token.keyId, generation };
}

function findMatch(given: string, secrets: readonly string[]): string | undefined {
  let match: string | undefined;
  const bytes = Buffer.from(given);
  for (const secret of secrets.length > 0 ? secrets : [DUMMY_SECRET]) {
    const expected = Buffer.from(secret);
    if (expected.length === bytes.length && timingSafeEqual(expected, bytes)) match = secret;
  }
  return match;
}

function authenticateDevice(
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
    rate: effectiveRate(rateLimit, settings.deviceRate),
  };
}

function authenticateAccount(account: AccountCredentials, clientId: string, method: AuthMethod): AuthResult {
  if (!account.active) return refuse(5, "the service account is not active");
  if (account.expiresAt !== undefined && account.expiresAt <= Date.now()) {
    return refuse(5, "the service account has expired");
  }
  // A device's id cannot contain "/", so a service account cannot connect under one.
  if (clientId !== account.id && !clientId.startsWith(`${account.id}/`)) {
    return refuse(5, "the client id must be the service account's id, or begin with it and a slash");
  }
  const { id, publish, subscribe, expiresAt } = account;
  return { ok: true, principal: { type: "account", id, publish, subscribe, expiresAt }, method, rate: undefined };
}

/** A device's own limit has the same ratio of burst to rate as the default. @returns undefined: no limit */
function effectiveRate(perSecond: number | null, fallback: Rate): Rate | undefined {
  if (perSecond === null) return fallback.perSecond > 0 ? fallback : undefined;
  if (perSecond === 0) return undefined;
  return {
    perSecond,
    burst: Math.max(1, perSecond * (fallback.perSecond > 0 ? fallback.burst / fallback.perSecond : 2)),
  };
}

/** Whether a client that authenticated with `method` would still be authorized, with the same rights. */
export function isSessionStillAuthorized(
  principal: Principal,
  method: AuthMethod,
  { cache, tokens }: { cache: CredentialCache; tokens: DeviceTokens },
): boolean {
  if (method.type === "token" && !tokens.isInForce(method.keyId)) return false;
  if (principal.type === "anonymous") return true;
  if (principal.type === "device") {
    const device = cache.device(principal.id);
    if (device?.state !== "active" || device.decoder !== principal.decoder) return false;
    if (method.type === "token") return method.generation === device.tokenGeneration;
    return method.type !== "secret" || device.secrets.includes(method.sha256);
  }
  const account = cache.account(principal.id);
  if (!account?.active || account.expiresAt !== principal.expiresAt) return false;
  if (!sameFilters(principal, account)) return false;
  return method.type !== "secret" || account.secrets.includes(method.sha256);
}

function sameFilters(one: Filters, other: Filters): boolean {
  return JSON.stringify([one.publish, one.subscribe]) === JSON.stringify([other.publish, other.subscribe]);
}

interface Filters {
  publish: readonly string[];
  subscribe: readonly string[];
}
