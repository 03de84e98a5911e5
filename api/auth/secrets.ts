import { createHash, randomBytes } from "node:crypto";

/** A random 256-bit secret as text (base64url). */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** The hash that is stored. A fast hash is enough: 256 random bits cannot be guessed. */
export const sha256 = (secret: string): Buffer => createHash("sha256").update(secret, "utf8").digest();
