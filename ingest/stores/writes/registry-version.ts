import type { Write } from "../statement.ts";

/** The name of the check, by which a dry run leaves it out. */
export const REGISTRY_CHECK = "registry";

/** Refuses the statement when the device registry has changed since the batch was processed with `version`. */
export function checkRegistryVersion(version: number): Write {
  return {
    name: REGISTRY_CHECK,
    sql: "",
    params: [version],
    check: "assert_unchanged((SELECT version FROM registry_version) = $1, 'registry')",
  };
}
