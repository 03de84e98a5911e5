import { createHash, randomBytes } from "node:crypto";
import type { Pool } from "pg";
import { z } from "zod";
import { KINDS } from "../contract/readings.ts";
import { DEVICE_ID } from "../contract/topics.ts";
import { isPostgresText } from "../postgres/text.ts";

/** `POST /provision`: a new device registers with the key of its device profile. */
export const provisionRequest = z.strictObject({
  profile_key: z.string().min(1).max(200),
  id: z.string().regex(DEVICE_ID),
  kind: z.enum([...KINDS, "gateway"]),
  decoder: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .optional(),
  name: z.string().max(255).refine(isPostgresText, "control characters are not allowed").optional(),
});
export type ProvisionRequest = z.output<typeof provisionRequest>;

/** `secret` is returned only here. The device may connect after a person has approved it. */
export type ProvisionResult =
  | { ok: true; id: string; secret: string; state: "pending" }
  | { ok: false; reason: "unknown-key" | "quota" | "exists" | "kind" };

const UNIQUE_VIOLATION = "23505";
const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Adds new devices within the quota of their profile. They are pending until a person approves them. */
export class Provisioning {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async provisionByKey({ profile_key, id, kind, decoder, name }: ProvisionRequest): Promise<ProvisionResult> {
    const secret = randomBytes(32).toString("base64url");
    const key = sha256(profile_key);
    const inserted = await this.#insert("key_sha256 = $1", key, { id, kind, decoder, name, secret: sha256(secret) });
    if (inserted === "exists") return { ok: false, reason: "exists" };
    if (inserted) return { ok: true, id, secret, state: "pending" };
    const { rows } = await this.#pool.query<{ full: boolean }>(
      "SELECT used >= quota AS full FROM device_profiles WHERE key_sha256 = $1 AND active",
      [key],
    );
    return { ok: false, reason: rows[0] === undefined ? "unknown-key" : rows[0].full ? "quota" : "kind" };
  }

  /** Adds the device that a trusted client certificate names, if a profile allows that. @returns whether it was added */
  async provisionByCertificate(name: string): Promise<boolean> {
    if (!DEVICE_ID.test(name)) return false;
    const device = { id: name, kind: undefined, decoder: undefined, name: undefined, secret: undefined };
    return (await this.#insert("certificates AND $1::bytea IS NULL", null, device)) === true;
  }

  async #insert(profile: string, key: Buffer | null, device: NewDevice): Promise<boolean | "exists"> {
    try {
      const { rowCount } = await this.#pool.query(
        `WITH profile AS (
           UPDATE device_profiles SET used = used + 1 WHERE id = (
             SELECT id FROM device_profiles WHERE ${profile} AND active AND used < quota
               AND ($3::text IS NULL OR kind IS NULL OR kind = $3) ORDER BY id LIMIT 1 FOR UPDATE)
           RETURNING id, kind, decoder),
         device AS (
           INSERT INTO devices (id, kind, decoder, name, state, profile_id)
           SELECT $2, coalesce($3, kind), coalesce(decoder, $4, 'native'), $5, 'pending', id FROM profile RETURNING id),
         credential AS (
           INSERT INTO device_credentials (device_id, secret_sha256)
           SELECT id, $6 FROM device WHERE $6::bytea IS NOT NULL),
         audited AS (
           INSERT INTO audit (actor, action, subject, outcome, detail)
           SELECT $2, 'device.provision', $2, 'done', jsonb_build_object('profile', id) FROM profile)
         SELECT pg_notify('changes', jsonb_build_object('devices', jsonb_build_array(id))::text) FROM device`,
        [key, device.id, device.kind ?? null, device.decoder ?? null, device.name ?? null, device.secret ?? null],
      );
      return rowCount === 1;
    } catch (error) {
      if ((error as { code?: string }).code === UNIQUE_VIOLATION) return "exists";
      throw error;
    }
  }
}

interface NewDevice {
  id: string;
  kind: string | undefined;
  decoder: string | undefined;
  name: string | undefined;
  secret: Buffer | undefined;
}
