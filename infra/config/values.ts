import * as z from "zod";

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

/** Words separated by commas. */
export const list = z.string().transform((given) =>
  given
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== ""),
);

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

/** GS1 Company Prefix: 4 to 12 digits (GS1 General Specifications, section 1.4.4). */
export const companyPrefix = parsed((given) => (/^\d{4,12}$/.test(given) ? given : undefined), "give 4 to 12 digits");

export const email = parsed(
  (given) => (z.email({ pattern: z.regexes.html5Email }).safeParse(given).success ? given : undefined),
  "give an e-mail address, such as name@example.com",
);
