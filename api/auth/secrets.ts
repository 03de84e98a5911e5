import { createHash, createHmac, randomBytes } from "node:crypto";

/** A random 256-bit secret as text (base64url). */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** The hash that is stored. A fast hash is enough: 256 random bits cannot be guessed. */
export const sha256 = (secret: string): Buffer => createHash("sha256").update(secret, "utf8").digest();

const pseudonymKey = randomBytes(32);

/**
 * A short name for a text that must not be written down. It is the same for equal texts until the process ends, and cannot
 * be found by trying texts: the key is never stored.
 */
export const pseudonym = (text: string): string =>
  `#${createHmac("sha256", pseudonymKey).update(text, "utf8").digest("hex").slice(0, 8)}`;
