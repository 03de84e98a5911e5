import type { Config } from "./config.ts";

/** Whom the operator names as first administrator, if anybody; both variables are set or neither. */
export function firstAdministrator(config: Config): { email: string; password: string } | undefined {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  return email === undefined || password === undefined ? undefined : { email, password };
}
