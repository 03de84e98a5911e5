import { hash as digest, randomUUID } from "node:crypto";
import { CompactSign, errors, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import { z } from "zod";
import type { PostgresListener } from "../live/postgres-listener.ts";
import type { Sealer } from "./sealing.ts";
import { addSigningKey, listSigningKeys, type SigningKeyRow } from "./signing-key-queries.ts";

/** Lifetime of an access token, seconds. Short, because its session can be revoked but the token cannot. */
export const TOKEN_SECONDS = 15 * 60;
/** A token that was issued for longer is not ours. */
const MAX_TOKEN_SECONDS = 3600;
const AUDIENCE = "api";
/** The audience the broker demands of a token that is sent as MQTT password. */
const DEVICE_AUDIENCE = "mqtt";
const ALGORITHM = "ES256";
/** An unknown key id may belong to a key that another process has just made. Forged tokens cause at most one reload in this time. */
const RELOAD_AFTER_MS = 30_000;

/** The claims of a user's token. The role and whether the session is still valid come from the session, not from the token. */
export interface UserClaims {
  kind: "user";
  userId: number;
  sessionId: string;
}

/** The claims of an API client's token; its role and limits come from the client. */
export interface ClientClaims {
  kind: "client";
  clientId: string;
  /** what the token was issued for: it ends with it (api-clients.ts) */
  grant: string;
}

export type TokenClaims = UserClaims | ClientClaims;

/** Issues and verifies the access tokens of this installation (RFC 9068 `at+jwt`, ES256 only). */
export interface Tokens {
  issue(claims: Omit<UserClaims, "kind">): Promise<string>;
  /** Issues an access token for an API client (RFC 9068 §2.2). @param scope its role */
  issueForClient(claims: Omit<ClientClaims, "kind">, scope: string): Promise<string>;
  /**
   * Issues a token that a device sends as MQTT password; the API refuses it.
   * @param generation of the device's credentials: the token ends with it
   * @param expiresAt epoch seconds
   */
  issueForDevice(deviceId: string, generation: string, expiresAt: number): Promise<string>;
  /** Signs a document (RFC 7515, compact). @param typ tells it from tokens, which have types of their own */
  signDocument(content: Uint8Array, typ: "custody+jws"): Promise<string>;
  /** @returns undefined for anything but a valid token of this installation */
  verify(token: string): Promise<TokenClaims | undefined>;
  /** public keys (RFC 7517) */
  jwks(): Promise<{ keys: JWK[] }>;
  /** Notices keys that are added or retired while this process runs. @returns a function that ends that */
  watch(listener: PostgresListener): () => void;
}

const userPayload = z
  .object({ sub: z.string().regex(/^\d{1,10}$/), sid: z.uuid() })
  .transform(({ sub, sid }): TokenClaims => ({ kind: "user", userId: Number(sub), sessionId: sid }));
const clientPayload = z
  .object({ sub: z.string(), client_id: z.string(), grant: z.string() })
  .refine(({ sub, client_id }) => sub === client_id)
  .transform(({ sub, grant }): TokenClaims => ({ kind: "client", clientId: sub, grant }));
const payloadSchema = z.union([userPayload, clientPayload]);

/** Tokens that were verified are remembered until they expire: to verify one anew takes a hundred times as long (1 ms). */
const MAX_REMEMBERED = 20_000;
/** Clocks of machines differ by so much, seconds. */
const CLOCK_TOLERANCE_S = 30;

interface VerifiedToken {
  claims: TokenClaims;
  /** epoch milliseconds, with the tolerance */
  expiresAt: number;
}

interface Keys {
  /** in force */
  rows: SigningKeyRow[];
  signer: SigningKeyRow & { private_jwk: JWK };
  /** `performance.now()` */
  loadedAt: number;
}

/** Signing keys are kept in Postgres, so that all API processes share them. They are loaded, or made, at first use. */
export function openTokens(pool: Pool, issuer: string, sealer: Sealer): Tokens {
  let keys: Promise<Keys> | undefined;
  /** by the hash of the token, so that no memory dump shows tokens; emptied when keys change */
  const verified = new LRUCache<string, VerifiedToken>({ max: MAX_REMEMBERED });

  function load(): Promise<Keys> {
    keys = loadKeys(pool, sealer).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  }

  async function findKey(kid: string | undefined): Promise<SigningKeyRow | undefined> {
    const known = await (keys ?? load());
    const found = known.rows.find((row) => row.kid === kid);
    if (found || performance.now() - known.loadedAt < RELOAD_AFTER_MS) return found;
    return (await load()).rows.find((row) => row.kid === kid);
  }

  async function sign(token: SignJWT, typ: string, claim: (token: SignJWT) => SignJWT): Promise<string> {
    const { kid, private_jwk } = (await (keys ?? load())).signer;
    return claim(token)
      .setProtectedHeader({ alg: ALGORITHM, typ, kid })
      .setIssuer(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .sign(await importJWK(private_jwk, ALGORITHM));
  }

  async function verifySignature(token: string): Promise<VerifiedToken | undefined> {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = await findKey(kid);
          if (!key) throw new errors.JWKSNoMatchingKey();
          return importJWK(key.public_jwk, ALGORITHM);
        },
        {
          algorithms: [ALGORITHM],
          issuer,
          audience: AUDIENCE,
          typ: "at+jwt",
          clockTolerance: CLOCK_TOLERANCE_S,
          requiredClaims: ["sub", "exp", "iat", "jti"],
        },
      );
      // jose's `maxTokenAge` compares `iat` with the wall clock, and would refuse every token when that is set back.
      if (payload.exp! - payload.iat! > MAX_TOKEN_SECONDS) return undefined;
      const claims = payloadSchema.safeParse(payload);
      if (!claims.success) return undefined;
      return { claims: claims.data, expiresAt: (payload.exp! + CLOCK_TOLERANCE_S) * 1000 };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }

  return {
    issue: ({ userId, sessionId }) =>
      sign(new SignJWT({ sid: sessionId }), "at+jwt", (claims) =>
        claims.setAudience(AUDIENCE).setSubject(String(userId)).setExpirationTime(`${TOKEN_SECONDS}s`),
      ),

    issueForDevice: (deviceId, generation, expiresAt) =>
      sign(new SignJWT({ gen: generation }), "JWT", (claims) =>
        claims.setAudience(DEVICE_AUDIENCE).setSubject(deviceId).setExpirationTime(expiresAt),
      ),

    issueForClient: ({ clientId, grant }, scope) =>
      sign(new SignJWT({ client_id: clientId, grant, scope }), "at+jwt", (claims) =>
        claims.setAudience(AUDIENCE).setSubject(clientId).setExpirationTime(`${TOKEN_SECONDS}s`),
      ),

    async signDocument(content, typ) {
      const { kid, private_jwk } = (await (keys ?? load())).signer;
      return new CompactSign(content)
        .setProtectedHeader({ alg: ALGORITHM, typ, kid })
        .sign(await importJWK(private_jwk, ALGORITHM));
    },

    async verify(token) {
      const hash = digest("sha256", token, "base64");
      const known = verified.get(hash);
      if (known && Date.now() < known.expiresAt) return known.claims;
      const keysBefore = keys;
      const found = await verifySignature(token);
      // Keys that were retired meanwhile may have signed it.
      if (found && keysBefore !== undefined && keysBefore === keys) verified.set(hash, found);
      return found?.claims;
    },

    watch(listener) {
      // They are read again at their next use.
      const forget = (): void => {
        keys = undefined;
        verified.clear();
      };
      return listener.subscribe({ channel: "signing_keys", onNotify: forget, onListening: forget });
    },

    async jwks() {
      const { rows } = await (keys ?? load());
      return { keys: rows.map(({ kid, public_jwk }) => ({ ...public_jwk, kid, alg: ALGORITHM, use: "sig" })) };
    },
  };
}

const canSign = (row: SigningKeyRow): row is Keys["signer"] => row.private_jwk !== undefined;

async function loadKeys(pool: Pool, sealer: Sealer): Promise<Keys> {
  const known = await listSigningKeys(pool, sealer);
  const signer = known.find(canSign);
  if (signer !== undefined) return { rows: known, signer, loadedAt: performance.now() };
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const made = {
    kid: randomUUID(),
    public_jwk: await exportJWK(publicKey),
    private_jwk: await exportJWK(privateKey),
  };
  await addSigningKey(pool, sealer, made);
  const rows = await listSigningKeys(pool, sealer);
  return { rows, signer: rows.find(canSign) ?? made, loadedAt: performance.now() };
}
