import type { Pool } from "pg";
import webPush from "web-push";
import { PUSH_KEY_CONTEXT } from "../../auth/seal-stored.ts";
import type { KeptSecret, Sealer } from "../../auth/sealing.ts";

export interface PushKeys {
  /** P-256, uncompressed, base64url */
  publicKey: string;
  /** base64url; undefined: this process lacks the key it is sealed under */
  privateKey: string | undefined;
}

const base64url = (bytes: Buffer): string => bytes.toString("base64url");

/** The key pair of this installation, made at first use. Processes that make one at once end with the same. */
export async function ensurePushKeys(pool: Pool, sealer: Sealer): Promise<PushKeys> {
  const known = await findPushKeys(pool, sealer);
  if (known !== undefined) return known;
  const { publicKey, privateKey } = webPush.generateVAPIDKeys();
  const { plain, sealed } = sealer.keep(Buffer.from(privateKey, "base64url"), PUSH_KEY_CONTEXT);
  await pool.query(
    "INSERT INTO push_keys (public_key, private_key, sealed_private_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    [Buffer.from(publicKey, "base64url"), plain, sealed],
  );
  return (await findPushKeys(pool, sealer))!;
}

async function findPushKeys(pool: Pool, sealer: Sealer): Promise<PushKeys | undefined> {
  const { rows } = await pool.query<KeptSecret & { public_key: Buffer }>(
    "SELECT public_key, private_key AS plain, sealed_private_key AS sealed FROM push_keys",
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const privateKey = sealer.read(row, PUSH_KEY_CONTEXT);
  return { publicKey: base64url(row.public_key), privateKey: privateKey && base64url(privateKey) };
}
