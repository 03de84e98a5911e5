import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The administrator of a development platform. The password is generated once and kept in the data directory. */
export async function devAdmin(dataDirectory: string): Promise<{ email: string; password: string }> {
  const file = join(dataDirectory, "admin-password");
  let password = await readFile(file, "utf8").catch(() => "");
  if (password === "") {
    password = randomBytes(12).toString("base64url");
    await writeFile(file, password, { mode: 0o600 });
  }
  return { email: "dev@waystock.example", password };
}
