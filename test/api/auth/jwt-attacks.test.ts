import { createHmac, generateKeyPairSync } from "node:crypto";
import { exportJWK, importJWK, type JWK, type JWTHeaderParameters, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listSigningKeys } from "../../../api/auth/signing-key-queries.ts";
import { SEALER, startApi, type TestApi } from "../support.ts";

const ISSUER = "http://waystock.test";
let api: TestApi;
let token: string;
let header: JWTHeaderParameters;
let payload: Record<string, unknown>;
let publicJwk: JWK;
let privateJwk: JWK;
beforeAll(async () => {
  api = await startApi();
  token = await api.tokenOf("admin");
  [header, payload] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()) as never) as unknown as [
    typeof header,
    typeof payload,
  ];
  const [key] = await listSigningKeys(api.db.pool, SEALER);
  ({ public_jwk: publicJwk, private_jwk: privateJwk } = key as typeof key & { private_jwk: JWK });
});
afterAll(() => api?.close());

const statusOf = async (text: string): Promise<number> =>
  (await api.app.request("/auth/me", { headers: { Authorization: `Bearer ${text}` } })).status;
/** The same without a comparison with the OpenAPI document, for thousands of them. */
const quickStatusOf = async (text: string): Promise<number> => {
  const headers = { Authorization: `Bearer ${text}` };
  return (await api.app.fetch(new Request(`${ISSUER}/auth/me`, { headers }))).status;
};
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const parts = (): [string, string, string] => token.split(".") as [string, string, string];

/** A token that our own key has signed. */
const signed = async (claims: Record<string, unknown>, head: object = {}): Promise<string> =>
  new SignJWT(claims)
    .setProtectedHeader({ ...header, ...head })
    .sign(await importJWK(privateJwk, "ES256"), { crit: { x: true } });

/** A token that another key has signed. */
async function foreign(head: (key: JWK) => object): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = await exportJWK(publicKey);
  return new SignJWT(payload).setProtectedHeader({ ...header, ...head(jwk) }).sign(privateKey);
}

function hmac(secret: string | Buffer, alg = "HS256"): string {
  const text = `${encode({ ...header, alg })}.${parts()[1]}`;
  return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(text)
    .digest("base64url")}`;
}

const pem = async (): Promise<string> => {
  const { createPublicKey } = await import("node:crypto");
  return createPublicKey({ key: publicJwk as never, format: "jwk" }).export({ type: "spki", format: "pem" }) as string;
};
const seconds = (): number => Math.floor(Date.now() / 1000);

test("the token that the attacks are made of is valid", async () => {
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(await signed(payload))).toBe(200);
});

test.for<[string, () => string | Promise<string>]>([
  ["no algorithm, no signature", () => `${encode({ ...header, alg: "none" })}.${parts()[1]}.`],
  ["no algorithm, in other letters", () => `${encode({ ...header, alg: "nOnE" })}.${parts()[1]}.`],
  ["no algorithm, with a signature", () => `${encode({ ...header, alg: "none" })}.${parts()[1]}.${parts()[2]}`],
  ["HS256 with the public key as PEM", async () => hmac(await pem())],
  ["HS256 with the public key as JWK", () => hmac(JSON.stringify(publicJwk))],
  ["HS256 with its x coordinate", () => hmac(Buffer.from(publicJwk.x!, "base64url"))],
  ["HS512 with an empty secret", () => hmac("", "HS512")],
  ["another key under our key id", () => foreign(() => ({}))],
  ["another key in the header (jwk)", () => foreign((jwk) => ({ jwk }))],
  ["an address of keys in the header (jku)", () => foreign(() => ({ jku: "https://attacker.example/jwks.json" }))],
  [
    "an address of certificates in the header (x5u)",
    () => foreign(() => ({ x5u: "https://attacker.example/cert.pem" })),
  ],
  ["a certificate in the header (x5c)", () => foreign(() => ({ x5c: ["MIIB"] }))],
  ["an unknown key id", () => foreign(() => ({ kid: "unknown" }))],
  ["a key id like a path", () => foreign(() => ({ kid: "../../../../dev/null" }))],
  ["a key id like SQL", () => foreign(() => ({ kid: "' OR 1=1 --" }))],
  ["a key id with a NUL", () => foreign(() => ({ kid: "\u0000" }))],
  ["no key id", () => foreign(() => ({ kid: undefined }))],
  ["a key id that is no text", () => `${encode({ ...header, kid: { a: 1 } })}.${parts()[1]}.${parts()[2]}`],
  ["a critical extension nobody knows", () => signed(payload, { crit: ["x"], x: 1 })],
  ["another audience", () => signed({ ...payload, aud: "mqtt" })],
  ["no audience", () => signed({ ...payload, aud: undefined })],
  ["another issuer", () => signed({ ...payload, iss: `${ISSUER}.attacker.example` })],
  ["no issuer", () => signed({ ...payload, iss: undefined })],
  ["another type", () => signed(payload, { typ: "JWT" })],
  ["no type", () => signed(payload, { typ: undefined })],
  ["expired", () => signed({ ...payload, iat: seconds() - 1000, exp: seconds() - 100 })],
  ["not yet valid", () => signed({ ...payload, nbf: seconds() + 3600 })],
  ["no expiry", () => signed({ ...payload, exp: undefined })],
  ["an expiry that is a text", () => signed({ ...payload, exp: "2999-01-01" })],
  ["a life of ten years", () => signed({ ...payload, exp: seconds() + 10 * 365 * 86_400 })],
  ["no subject", () => signed({ ...payload, sub: undefined })],
  ["another user's session", () => signed({ ...payload, sub: "999999" })],
  ["a session that is no UUID", () => signed({ ...payload, sid: "' OR 1=1 --" })],
  ["a session that does not exist", () => signed({ ...payload, sid: "00000000-0000-4000-8000-000000000000" })],
  [
    "a client that does not exist",
    () => signed({ ...payload, sid: undefined, sub: "x", client_id: "x", grant: "1.1" }),
  ],
  [
    "a client's claims that disagree",
    () => signed({ ...payload, sid: undefined, sub: "x", client_id: "y", grant: "1.1" }),
  ],
  ["three dots", () => "..."],
  ["a header that is no JSON", () => `AAAA.${parts()[1]}.${parts()[2]}`],
  ["an encrypted token (JWE)", () => `${encode({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`],
  ["a signature of zeros", () => `${parts()[0]}.${parts()[1]}.${Buffer.alloc(64).toString("base64url")}`],
  ["64 KiB", () => "A".repeat(65_536)],
])("%s is 401", async ([, attack]) => expect(await statusOf(await attack())).toBe(401));

test("every truncated token is 401", async () => {
  for (let length = 1; length < token.length; length += 1) {
    const status = await quickStatusOf(token.slice(0, length));
    if (status !== 401) expect({ length, status }).toBeUndefined();
  }
});

/** mulberry32: the same mutations in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test("5,000 mutations are 401, also of a token that is remembered as valid", async () => {
  expect(await statusOf(token)).toBe(200);
  const random = randomOf(7);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=";
  const pick = (text: string): string => text[Math.floor(random() * text.length)]!;
  const bytesOf = (text: string): string =>
    text
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("hex"))
      .join(".");
  const wrong: Record<number, number> = {};
  for (let n = 0; n < 5000; n += 1) {
    let mutated = token;
    // The last character of a part carries unused bits: another text may be the same bytes.
    while (bytesOf(mutated) === bytesOf(token)) {
      const at = Math.floor(random() * mutated.length);
      const kind = Math.floor(random() * 3);
      mutated = mutated.slice(0, at) + (kind === 0 ? "" : pick(alphabet)) + mutated.slice(kind === 1 ? at : at + 1);
    }
    const status = await quickStatusOf(mutated);
    if (status !== 401) wrong[status] = (wrong[status] ?? 0) + 1;
  }
  expect(wrong).toEqual({});
  expect(await statusOf(token)).toBe(200);
});
