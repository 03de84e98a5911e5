import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { Semaphore } from "async-mutex";

/** OWASP password storage: scrypt with 64 MiB, as strong as N=2^17, p=1 with half the memory. */
const PARAMETERS = { ln: 16, r: 8, p: 2 };
const KEY_BYTES = 32;

/** Each hash takes 64 MiB and a core for about 0.3 s: more at once would starve the requests of everybody else. */
const hashing = new Semaphore(2);

function derive(password: string, salt: Buffer, { ln, r, p }: typeof PARAMETERS): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 1024 * 1024 };
  return hashing.runExclusive(
    () =>
      new Promise((resolve, reject) => {
        // NFKC: the same password typed on another keyboard layout or system is the same password.
        scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
}

/** The hash of a password in PHC form: parameters and salt travel with it. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, PARAMETERS);
  const { ln, r, p } = PARAMETERS;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(key)}`;
}

const encode = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
/** Of no password: checked when there is no such user, so that the answer takes as long as for a known one. */
const NOBODY = `$scrypt$ln=16,r=8,p=2$${"A".repeat(22)}$${"A".repeat(43)}`;

/** Whether `password` has that hash; takes the same time when `hash` is undefined (no such user). */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, ln, r, p, salt, key] = PHC.exec(hash ?? NOBODY) ?? PHC.exec(NOBODY)!;
  const expected = Buffer.from(key!, "base64");
  const actual = await derive(password, Buffer.from(salt!, "base64"), { ln: Number(ln), r: Number(r), p: Number(p) });
  return hash !== undefined && actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** For a user that only signs in by links or an identity provider: no password has this hash. */
export const NO_PASSWORD = "";
