import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { writeFileAtomically } from "../../../broker/journal/atomic-file.ts";

const kept = z.object({ port: z.number(), webhook: z.string(), epcis: z.string(), erp: z.string() });

/**
 * What the partner of one demo must still know in the next one, since the database of the platform outlives it: its address, and what
 * the platform signs and signs in with.
 */
export interface Keepsakes {
  /** 0: any */
  port: number;
  /** `whsec_…`; empty: none was issued yet */
  webhook: string;
  /** the key of `GS1-Signature` */
  epcis: string;
  /** the token of the ERP */
  erp: string;
  save(): Promise<void>;
}

const newSecret = (): string => randomBytes(24).toString("base64url");

export async function openKeepsakes(folder: string): Promise<Keepsakes> {
  const file = join(folder, "partner.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  const values =
    text === undefined ? { port: 0, webhook: "", epcis: newSecret(), erp: newSecret() } : kept.parse(JSON.parse(text));
  const keepsakes: Keepsakes = {
    ...values,
    save() {
      const { port, webhook, epcis, erp } = keepsakes;
      return writeFileAtomically(file, JSON.stringify({ port, webhook, epcis, erp }), 0o600);
    },
  };
  return keepsakes;
}
