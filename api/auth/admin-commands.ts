import type { Pool } from "pg";
import { transaction } from "../../ingest/decisions/record-facts.ts";
import type { AddAuditEntry } from "../http/audit/queries.ts";
import { createRecoveryLink } from "./bootstrap-admin.ts";
import { listKnownSigningKeys, retireSigningKey, type SigningKeyListing } from "./signing-key-queries.ts";

export const ADMIN_USAGE = `usage: npm run admin -- COMMAND
  reset EMAIL      print a one-time link by which an administrator who is locked out chooses a new password
  keys             list the keys that sign access tokens
  retire-key KID   end a key and every token that it has signed; a new key takes its place`;

/** What the commands need. They are for the person who has the machine, so they ask for no password. */
export interface AdminCommandDeps {
  pool: Pool;
  publicUrl: string;
  addAuditEntry: AddAuditEntry;
}

/** The actor that the audit names. */
const ACTOR = "the machine's administrator";

/**
 * The command that these arguments name. It resolves to what to print, and fails when there is nothing that they name.
 * @throws TypeError when the arguments are not those of ADMIN_USAGE
 */
export function readAdminCommand(args: readonly string[]): (deps: AdminCommandDeps) => Promise<string> {
  const [command, value] = args;
  const surplus = args[command === "keys" ? 1 : 2];
  if (surplus !== undefined) throw new TypeError(`unexpected argument: ${surplus}`);
  switch (command) {
    case "reset": {
      const email = named(value, "the e-mail address of the administrator");
      return (deps) => reset(email, deps);
    }
    case "keys":
      return async ({ pool }) =>
        (await listKnownSigningKeys(pool)).map(describeKey).join("\n") || "no key has been made yet";
    case "retire-key": {
      const kid = named(value, "the id of the key");
      return (deps) => retireKey(kid, deps);
    }
    default:
      throw new TypeError(command === undefined ? "missing argument: the command" : `there is no command ${command}`);
  }
}

function named(value: string | undefined, what: string): string {
  if (value === undefined || value === "") throw new TypeError(`missing argument: ${what}`);
  return value;
}

async function reset(email: string, { pool, publicUrl, addAuditEntry }: AdminCommandDeps): Promise<string> {
  const made = await createRecoveryLink(pool, email, publicUrl);
  if (made === undefined) throw new Error(`no active administrator has the address ${email}`);
  await addAuditEntry(pool, { actor: ACTOR, action: "admin reset", subject: email, outcome: "done", detail: null });
  return `${made.link}\nworks once, until ${made.expires_at.toISOString()}; it turns a second factor off`;
}

async function retireKey(kid: string, { pool, addAuditEntry }: AdminCommandDeps): Promise<string> {
  await transaction(pool, async (client) => {
    if (!(await retireSigningKey(client, kid)))
      throw new Error(`no key ${kid} is in force: \`npm run admin -- keys\` lists them`);
    const entry = { actor: ACTOR, action: "admin retire-key", subject: kid, outcome: "done", detail: null } as const;
    await addAuditEntry(client, entry);
  });
  return `the key ${kid} is retired: every token that it has signed is refused from now on; pages get new ones by their cookie`;
}

function describeKey({ kid, created_at, retired_at }: SigningKeyListing, index: number): string {
  const state = retired_at ? `retired ${retired_at.toISOString()}` : index === 0 ? "signs" : "in force";
  return `${kid}  made ${created_at.toISOString()}  ${state}`;
}
