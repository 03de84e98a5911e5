import { createHash, randomBytes } from "node:crypto";

/** A random 256-bit secret as text (base64url). */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** What is stored of it. A plain hash is enough: there is nothing to guess in 256 random bits. */
export const sha256 = (secret: string): Buffer => createHash("sha256").update(secret, "utf8").digest();
