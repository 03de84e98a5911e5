import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";

/** The password of the administrator of a local platform. It is generated once and kept in the data directory. */
export async function keptPassword(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, "admin-password");
  const kept = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (kept !== "") return kept;
  const password = randomBytes(12).toString("base64url");
  await writeFileAtomically(file, password, 0o600);
  return password;
}
