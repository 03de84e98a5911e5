import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const MIN_LENGTH = 8;
const MAX_LENGTH = 256;

let commonPasswords: ReadonlySet<string> | undefined;

/** The 49,000 passwords that are used most. Read at first use: most processes never need them. */
function isCommon(password: string): boolean {
  commonPasswords ??= new Set(
    (
      require("@zxcvbn-ts/language-common") as {
        dictionary: { "passwords-common": readonly (string | number)[] };
      }
    ).dictionary["passwords-common"].map(String),
  );
  return commonPasswords.has(password.toLowerCase());
}

/**
 * Why a password may not be chosen; undefined: it may. NIST SP 800-63B §3.1.1.2: at least 8 characters, none of the
 * commonest, and no rules about kinds of characters. Bounded, because hashing costs time.
 */
export function passwordProblem(password: string): string | undefined {
  // Code points, as the standard counts.
  const { length } = Array.from(password.normalize("NFKC"));
  if (length < MIN_LENGTH || length > MAX_LENGTH) return `a password has ${MIN_LENGTH} to ${MAX_LENGTH} characters`;
  return isCommon(password) ? "this password is one of the commonest: choose another" : undefined;
}
