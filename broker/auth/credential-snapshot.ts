import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../journal/atomic-file.ts";
import type { AccountCredentials, DeviceCredentials } from "./credential-queries.ts";

/** Everything needed to authenticate devices without Postgres. Contains hashes of random tokens, never a secret. */
const snapshotSchema = z.object({
  devices: z.array(
    z.object({
      id: z.string(),
      state: z.enum(["pending", "active", "suspended", "retired"]),
      decoder: z.string(),
      rateLimit: z.number().nullable(),
      secrets: z.array(z.string()),
      // Snapshots of earlier versions have none: tokens wait for Postgres then.
      tokenGeneration: z.string().default(""),
    }),
  ),
  accounts: z.array(
    z
      .object({
        id: z.string(),
        active: z.boolean(),
        secrets: z.array(z.string()).optional(),
        // Snapshots of earlier versions have one.
        secret: z.string().optional(),
        publish: z.array(z.string()),
        subscribe: z.array(z.string()),
        expiresAt: z.number().optional(),
      })
      .transform(({ secret, secrets = secret === undefined ? [] : [secret], ...account }) => ({ ...account, secrets })),
  ),
});

export interface CredentialSnapshot {
  devices: DeviceCredentials[];
  accounts: AccountCredentials[];
}

/** Reads the last snapshot; undefined: there is none. @throws an error that names the file where it cannot be used */
export async function readSnapshot(path: string): Promise<CredentialSnapshot | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`the credential snapshot ${path} cannot be read`, { cause });
  }
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`the credential snapshot ${path} is corrupt: delete it`, { cause });
  }
}

/** Replaces the snapshot at once or not at all; only this user may read it. */
export async function writeSnapshot(path: string, snapshot: CredentialSnapshot): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, JSON.stringify(snapshot), 0o600);
}
