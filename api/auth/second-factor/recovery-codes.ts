import { randomInt } from "node:crypto";

/** Crockford's base32: without I, L, O and U, which are misread. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const COUNT = 10;
/** 80 random bits: a fast hash of it tells nothing. */
const LENGTH = 16;

/** Makes the codes that stand in for a lost phone, each once: `4g7k-x2mq-9vta-c0ne`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, () => {
    const characters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
    return characters.replace(/(.{4})(?!$)/g, "$1-");
  });
}

/** A code as it was made, however it was typed: case, spaces and hyphens do not count, O is 0, and I and L are 1. */
export function normalizeRecoveryCode(typed: string): string {
  const characters = typed.toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  return characters.replace(/(.{4})(?!$)/g, "$1-");
}
