import { isIP } from "node:net";
import * as z from "zod";
import { passwordProblem } from "./password-rule.ts";

/* Parsers of environment variables. Each message says which values are valid. */

/** A schema that reports `hint` when `parse` returns undefined. */
function parsed<T>(parse: (text: string) => T | undefined, hint: string) {
  return z.string().transform((text, context): T => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: hint });
    return z.NEVER;
  });
}

const matched = (pattern: RegExp) => (text: string) => pattern.exec(text) ?? undefined;

export const text = z.string();

/** The port of a listener; undefined turns the listener off. */
export const port = z
  .string()
  .trim()
  .transform((given, context): number | undefined => {
    if (given === "") return undefined;
    const value = Number(given);
    if (/^\d+$/.test(given) && value <= 65_535) return value;
    context.addIssue({ code: "custom", message: "give a port from 1 to 65535, 0 for a free one, or nothing for none" });
    return z.NEVER;
  });

export const flag = parsed(
  (given) => (given === "true" ? true : given === "false" ? false : undefined),
  "give true or false",
);

export const count = parsed(
  (given) => (/^\d{1,9}$/.test(given) && Number(given) > 0 ? Number(given) : undefined),
  "give a whole number above 0",
);

/** One of the given words. */
export const oneOf = <const T extends string>(...words: readonly T[]) =>
  parsed((given) => words.find((word) => word === given), `give one of ${words.join(", ")}`);

/** An absolute URL of one of `schemes`. */
export const url = (...schemes: readonly string[]) =>
  parsed(
    (given) => (URL.canParse(given) && schemes.includes(new URL(given).protocol.slice(0, -1)) ? given : undefined),
    `give a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`,
  );

const LOOPBACK_HOSTS = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Kept as it is written: tokens are compared with it. */
export const issuer = parsed((given) => {
  if (!URL.canParse(given)) return undefined;
  const { protocol, hostname, search, hash } = new URL(given);
  const isSafe = protocol === "https:" || (protocol === "http:" && LOOPBACK_HOSTS.has(hostname));
  return isSafe && search === "" && hash === "" ? given : undefined;
}, "give the https:// URL that the provider writes in `iss` (http:// on this machine only)");

/** Words separated by commas. */
export const list = z.string().transform((given) =>
  given
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
);

/** IP addresses, or networks in CIDR notation (RFC 4632), separated by commas. */
export const networks = parsed((given) => {
  const words = given.split(",").map((word) => word.trim());
  const all = words.filter((word) => word !== "");
  return all.every(isNetwork) ? all : undefined;
}, "give IP addresses or networks, such as 127.0.0.1,10.0.0.0/8");

function isNetwork(word: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** A password that people could choose, too. */
export const password = z.string().superRefine((given, context) => {
  const problem = passwordProblem(given);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

const BYTES: Record<string, number> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** A size in bytes. */
export const bytes = parsed((given) => {
  const [, digits = "", unit = ""] = matched(/^(\d{1,15}) ?(|[KMGT]iB)$/)(given) ?? [];
  return digits === "" ? undefined : Number(digits) * (BYTES[unit] ?? 1);
}, "give a number of bytes, such as 8589934592 or 8GiB");

/** A rate limit: messages per second, and the burst allowed above it. 0 per second means no limit. */
export interface Rate {
  perSecond: number;
  burst: number;
}

export const rate = parsed((given): Rate | undefined => {
  const [, perSecond, burst] = matched(/^(\d{1,7})\/s(?:, ?(\d{1,7}))?$/)(given) ?? [];
  return perSecond === undefined ? undefined : { perSecond: Number(perSecond), burst: Number(burst ?? perSecond) };
}, "give a rate per second and a burst, such as 100/s,200");

/** At most `count` attempts within `windowMs`. */
export interface AttemptLimit {
  count: number;
  windowMs: number;
}

const WINDOW_MS: Record<string, number> = { s: 1_000, min: 60_000, h: 3_600_000 };

export const attemptLimit = parsed((given): AttemptLimit | undefined => {
  const [, number, length, unit = ""] = matched(/^([1-9]\d{0,5})\/(\d{0,5})(s|min|h)$/)(given) ?? [];
  const windowMs = Number(length || 1) * (WINDOW_MS[unit] ?? 0);
  return number === undefined || windowMs === 0 ? undefined : { count: Number(number), windowMs };
}, "give a number of attempts and a time, such as 5/15min");

/** A share of a level, and base units: `10%,10`. */
export const adjustLimit = parsed((given): { share: number; units: number } | undefined => {
  const [, percent, units] = matched(/^(\d{1,3}(?:\.\d{1,3})?)%,(\d{1,9})$/)(given) ?? [];
  if (percent === undefined || units === undefined || Number(percent) > 100) return undefined;
  return { share: Number(percent) / 100, units: Number(units) };
}, "give a share and a number of units, such as 10%,10");

/** GS1 Company Prefix: 4 to 12 digits (GS1 General Specifications, section 1.4.4). */
export const companyPrefix = parsed((given) => (/^\d{4,12}$/.test(given) ? given : undefined), "give 4 to 12 digits");

export const email = parsed(
  (given) => (z.email({ pattern: z.regexes.html5Email }).safeParse(given).success ? given : undefined),
  "give an e-mail address, such as name@example.com",
);

const KEY_BYTES = 32;

/** Keys of 32 bytes in base64 or base64url, separated by white space or commas; undefined when a text is none of these. */
export function parseKeys(given: string): Buffer[] | undefined {
  const words = given.split(/[\s,]+/).filter((word) => word !== "");
  const all = words.map((word) => (/^[\w+/-]{43}=?$/.test(word) ? Buffer.from(word, "base64") : Buffer.alloc(0)));
  return all.length > 0 && all.every(({ length }) => length === KEY_BYTES) ? all : undefined;
}

export const keys = parsed(parseKeys, "give 32 bytes in base64, such as `openssl rand -base64 32` prints");
