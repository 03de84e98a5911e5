import type { Config } from "../config/config.ts";

/** The first administrator that the configuration names, if any; the two variables are set together or not at all. */
export function bootstrapAdmin(config: Config): { email: string; password: string } | undefined {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  return email === undefined || password === undefined ? undefined : { email, password };
}
