import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Semaphore } from "async-mutex";

/** OWASP Password Storage Cheat Sheet: scrypt with N=2^16, r=8, p=2. It takes 64 MiB, half of what N=2^17, p=1 takes. */
const PARAMETERS = { ln: 16, r: 8, p: 2 };
const KEY_BYTES = 32;

/** Hashes computed at once. Each takes 64 MiB and a core for about 0.3 s; more of them would starve other requests. */
const hashing = new Semaphore(2);

function derive(password: string, salt: Buffer, { ln, r, p }: typeof PARAMETERS): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 1024 * 1024 };
  return hashing.runExclusive(
    () =>
      new Promise((resolve, reject) => {
        // NFKC: systems encode the same typed characters differently (NIST SP 800-63B §3.1.1.2).
        scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
}

/** Hashes a password. @returns PHC string format: parameters, salt and key */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, PARAMETERS);
  const { ln, r, p } = PARAMETERS;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
}

const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** A hash that no password has. Checked for unknown users, so that timing does not tell whether an account exists. */
const UNKNOWN_USER_HASH = `$scrypt$ln=16,r=8,p=2$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Whether `password` has this hash. Takes as long when `hash` is undefined, i.e. when there is no such user. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, ln, r, p, salt, key] = PHC.exec(hash ?? UNKNOWN_USER_HASH) ?? PHC.exec(UNKNOWN_USER_HASH)!;
  const expected = Buffer.from(key!, "base64");
  const actual = await derive(password, Buffer.from(salt!, "base64"), { ln: Number(ln), r: Number(r), p: Number(p) });
  return hash !== undefined && actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Stored for users without a password, who sign in by links or an identity provider. No password has this hash. */
export const NO_PASSWORD = "";
