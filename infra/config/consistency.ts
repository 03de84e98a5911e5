import { accessSync, constants } from "node:fs";
import type { Problem } from "./configuration-error.ts";
import type { Environment, VariableName } from "./variables.ts";

/** Groups of variables that are set together or not at all. */
const ALL_OR_NONE: readonly (readonly VariableName[])[] = [
  ["TLS_CERT", "TLS_KEY"],
  ["ADMIN_EMAIL", "ADMIN_PASSWORD"],
  ["INFLUX_USERNAME", "INFLUX_PASSWORD"],
];

/** The first requires the second. */
const REQUIRES: readonly (readonly [VariableName, VariableName])[] = [
  ["TLS_CLIENT_CA", "TLS_CERT"],
  ["TLS_CRL", "TLS_CLIENT_CA"],
  ["INFLUX_TOKEN", "INFLUX_URL"],
  ["INFLUX_USERNAME", "INFLUX_URL"],
  ["OIDC_AUDIENCE", "OIDC_ISSUER"],
  ["OIDC_CLIENT_ID", "OIDC_ISSUER"],
  ["OIDC_CLIENT_SECRET", "OIDC_CLIENT_ID"],
];

const FILES: readonly VariableName[] = ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA", "TLS_CRL"];

/** Checks the variables against each other, and that the files they name can be read. */
export function checkConsistency(env: Environment, problems: Problem[]): void {
  for (const group of ALL_OR_NONE) {
    const missing = group.filter((name) => env[name] === undefined);
    if (missing.length === 0 || missing.length === group.length) continue;
    const present = group.filter((name) => env[name] !== undefined);
    for (const name of missing) problems.push({ name, hint: `set it too, or leave out ${present.join(" and ")}` });
  }
  for (const [name, needed] of REQUIRES) {
    if (env[name] !== undefined && env[needed] === undefined) problems.push({ name, hint: `needs ${needed}` });
  }
  for (const name of FILES) {
    const file = env[name];
    if (typeof file === "string") checkReadable(name, file, problems);
  }
}

function checkReadable(name: VariableName, file: string, problems: Problem[]): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    problems.push({ name, hint: `name a file that can be read (${(error as Error).message})` });
  }
}
