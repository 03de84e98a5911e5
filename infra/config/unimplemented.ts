import type { Problem } from "./configuration-error.ts";
import type { Environment, VariableName } from "./variables.ts";

/**
 * Variables that are read and checked, and do nothing yet. They are marked in the table, and whoever sets one is told:
 * a setting that is silently without effect is a lie.
 */
export const UNIMPLEMENTED: ReadonlySet<VariableName> = new Set<VariableName>([
  "DATABASE_READ_URL",
  "ACK_AFTER",
  "OIDC_ISSUER",
  "OIDC_AUDIENCE",
  "OIDC_ROLES_CLAIM",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "EVENTS_MQTT_URL",
  "SMTP_URL",
  "WEBHOOK_ALLOWED_HOSTS",
  "MAP_PMTILES",
  "DATA_KEY_FILE",
  "RETENTION_ROLLUP_DAYS",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
]);

/** Those that were given a value and will not have the effect. */
export function ignoredVariables(raw: Readonly<Record<string, string | undefined>>): VariableName[] {
  return [...UNIMPLEMENTED].filter((name) =>
    [raw[name], raw[`${name}_FILE`]].some((text) => text !== undefined && text !== ""),
  );
}

/** Promises of safety that would not be kept refuse the start. */
export function rejectUnimplemented(env: Environment, problems: Problem[]): void {
  if (env.ACK_AFTER === "commit") {
    problems.push({
      name: "ACK_AFTER",
      hint: "`commit` is not built yet; with `journal` the PUBACK follows this node's disk",
    });
  }
  if (env.DATA_KEY_FILE !== undefined) {
    problems.push({
      name: "DATA_KEY_FILE",
      hint: "sealing data at rest is not built yet; leave it out and encrypt the disk",
    });
  }
}
