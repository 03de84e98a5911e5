import { randomUUID } from "node:crypto";
import { errors, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { Pool } from "pg";
import { z } from "zod";
import { addSigningKey, listSigningKeys, type SigningKeyRow } from "./signing-key-queries.ts";

/** Lifetime of an access token, seconds. Short, because its session can be revoked but the token cannot. */
export const TOKEN_SECONDS = 15 * 60;
const AUDIENCE = "api";
/** The audience the broker demands of a token that is sent as MQTT password. */
const DEVICE_AUDIENCE = "mqtt";
const ALGORITHM = "ES256";
/** An unknown key id may belong to a key that another process has just made. Forged tokens cause at most one reload in this time. */
const RELOAD_AFTER_MS = 30_000;

/** The claims of a token. The role and whether the session is still valid come from the session, not from the token. */
export interface TokenClaims {
  userId: number;
  sessionId: string;
}

/** Issues and verifies the access tokens of this installation (RFC 9068 `at+jwt`, ES256 only). */
export interface Tokens {
  issue(claims: TokenClaims): Promise<string>;
  /** Issues a token that a device sends as MQTT password; the API refuses it. @param expiresAt epoch seconds */
  issueForDevice(deviceId: string, expiresAt: number): Promise<string>;
  /** @returns undefined for anything but a valid token of this installation */
  verify(token: string): Promise<TokenClaims | undefined>;
  /** public keys (RFC 7517) */
  jwks(): Promise<{ keys: JWK[] }>;
}

const payloadSchema = z.object({ sub: z.string().regex(/^\d{1,10}$/), sid: z.uuid() });

interface Keys {
  rows: SigningKeyRow[];
  loadedAt: number;
}

/** Signing keys are kept in Postgres, so that all API processes share them. They are loaded, or made, at first use. */
export function openTokens(pool: Pool, issuer: string): Tokens {
  let keys: Promise<Keys> | undefined;

  function load(): Promise<Keys> {
    keys = loadKeys(pool).catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
    return keys;
  }

  async function findKey(kid: string | undefined): Promise<SigningKeyRow | undefined> {
    const known = await (keys ?? load());
    const found = known.rows.find((row) => row.kid === kid);
    if (found || Date.now() - known.loadedAt < RELOAD_AFTER_MS) return found;
    return (await load()).rows.find((row) => row.kid === kid);
  }

  async function sign(token: SignJWT, typ: string, claim: (token: SignJWT) => SignJWT): Promise<string> {
    const { rows } = await (keys ?? load());
    const { kid, private_jwk } = rows[0]!;
    return claim(token)
      .setProtectedHeader({ alg: ALGORITHM, typ, kid })
      .setIssuer(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .sign(await importJWK(private_jwk, ALGORITHM));
  }

  return {
    issue: ({ userId, sessionId }) =>
      sign(new SignJWT({ sid: sessionId }), "at+jwt", (claims) =>
        claims.setAudience(AUDIENCE).setSubject(String(userId)).setExpirationTime(`${TOKEN_SECONDS}s`),
      ),

    issueForDevice: (deviceId, expiresAt) =>
      sign(new SignJWT(), "JWT", (claims) =>
        claims.setAudience(DEVICE_AUDIENCE).setSubject(deviceId).setExpirationTime(expiresAt),
      ),

    async verify(token) {
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
            clockTolerance: 30,
            maxTokenAge: "1h",
            requiredClaims: ["sub", "exp", "iat", "jti"],
          },
        );
        const claims = payloadSchema.safeParse(payload);
        return claims.success ? { userId: Number(claims.data.sub), sessionId: claims.data.sid } : undefined;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
        throw error;
      }
    },

    async jwks() {
      const { rows } = await (keys ?? load());
      return { keys: rows.map(({ kid, public_jwk }) => ({ ...public_jwk, kid, alg: ALGORITHM, use: "sig" })) };
    },
  };
}

async function loadKeys(pool: Pool): Promise<Keys> {
  let rows = await listSigningKeys(pool);
  if (rows.length === 0) {
    const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
    await addSigningKey(pool, {
      kid: randomUUID(),
      public_jwk: await exportJWK(publicKey),
      private_jwk: await exportJWK(privateKey),
    });
    rows = await listSigningKeys(pool);
  }
  return { rows, loadedAt: Date.now() };
}
