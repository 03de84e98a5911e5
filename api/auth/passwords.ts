import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { HashQueue } from "./hash-queue.ts";

/** OWASP Password Storage Cheat Sheet: scrypt with N=2^16, r=8, p=2. It takes 64 MiB, half of what N=2^17, p=1 takes. */
const PARAMETERS = { ln: 16, r: 8, p: 2 };
const KEY_BYTES = 32;

/**
 * A hash takes 64 MiB and a core for about 0.3 s. More than two at once would starve other requests, and with more than
 * eight waiting the last would wait for longer than people do.
 */
const hashing = new HashQueue(2, 8);

function derive(password: string, salt: Buffer, { ln, r, p }: typeof PARAMETERS, isTrusted: boolean): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 1024 * 1024 };
  return hashing.run(
    isTrusted,
    () =>
      new Promise((resolve, reject) => {
        // NFKC: systems encode the same typed characters differently (NIST SP 800-63B §3.1.1.2).
        scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
}

/**
 * Hashes a password of somebody who may set it. Never call it inside a transaction: it may wait for seconds.
 * @returns PHC string format: parameters, salt and key
 * @throws Problem 503 when too many wait
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, PARAMETERS, true);
  const { ln, r, p } = PARAMETERS;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
}

/**
 * The hash of a text that holds a password of somebody who may set it: as slow to try as the password's own.
 * @throws Problem 503 when too many wait
 */
export const slowHash = (text: string, salt: string): Promise<Buffer> =>
  derive(text, Buffer.from(salt, "utf8"), PARAMETERS, true);

const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** A hash that no password has. Checked for unknown users, so that timing does not tell whether an account exists. */
const UNKNOWN_USER_HASH = `$scrypt$ln=16,r=8,p=2$${"A".repeat(22)}$${"A".repeat(43)}`;

/**
 * Whether `password` has this hash. Takes as long when `hash` is undefined, i.e. when there is no such user.
 * @param isTrusted whether it comes from a place that the account is known from: then it is checked before others
 * @throws Problem 503 when too many wait
 */
export async function verifyPassword(password: string, hash: string | undefined, isTrusted: boolean): Promise<boolean> {
  const [, ln, r, p, salt, key] = PHC.exec(hash ?? UNKNOWN_USER_HASH) ?? PHC.exec(UNKNOWN_USER_HASH)!;
  const expected = Buffer.from(key!, "base64");
  const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt!, "base64"), parameters, isTrusted);
  return hash !== undefined && actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Stored for users without a password, who sign in by links or an identity provider. No password has this hash. */
export const NO_PASSWORD = "";
