import { keptPassword } from "../runtime/kept-password.ts";

/** The administrator of a development platform. */
export async function devAdmin(dataDirectory: string): Promise<{ email: string; password: string }> {
  return { email: "dev@waystock.example", password: await keptPassword(dataDirectory) };
}
