import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import type { Config } from "../config/config.ts";
import { parseKeys } from "../config/values.ts";

const fileOf = ({ dataDirectory }: Pick<Config, "dataDirectory">): string => join(dataDirectory, "secrets.key");

/**
 * The keys that seal secrets in Postgres: SECRETS_KEY, else those in the data directory, else none.
 * @throws Error when the file holds something else
 */
export async function secretsKeys(config: Pick<Config, "dataDirectory" | "SECRETS_KEY">): Promise<readonly Buffer[]> {
  if (config.SECRETS_KEY !== undefined) return config.SECRETS_KEY;
  const text = await readFile(fileOf(config), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return [];
  const keys = parseKeys(text);
  if (keys === undefined) throw new Error(`${fileOf(config)} holds no key: expected 32 bytes in base64 on each line`);
  return keys;
}

/**
 * Makes the key of a platform whose Postgres is in its own data directory, so that no other machine needs it. It stays the same from
 * then on.
 */
export async function ensureSecretsKey(config: Pick<Config, "dataDirectory" | "SECRETS_KEY">): Promise<void> {
  if ((await secretsKeys(config)).length > 0) return;
  await mkdir(config.dataDirectory, { recursive: true });
  await writeFileAtomically(fileOf(config), `${randomBytes(32).toString("base64")}\n`, 0o600);
}

/** What sealing stored secrets came to at a start. */
interface SealingReport {
  sealed: number;
  unreadable: number;
  plain: number;
}

export function logSealing({ sealed, unreadable, plain }: SealingReport, log: Logger): void {
  if (sealed > 0) log.info({ sealed }, "stored secrets were sealed (authenticator apps, signing keys, webhooks)");
  if (unreadable > 0) {
    log.warn(
      { unreadable },
      "stored secrets are sealed under another key: give every API process the same SECRETS_KEY",
    );
  }
  if (plain > 0)
    log.warn({ plain }, "stored secrets are not encrypted: set SECRETS_KEY, the same for every API process");
}
