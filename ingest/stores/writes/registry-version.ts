import type { Write } from "../statement.ts";

/** The part's name by which a rehearsal leaves it out. */
export const REGISTRY_CHECK = "registry";

/** Refuses the batch when mounts, fences or items have changed since the context it was sensed with was read. */
export function checkRegistryVersion(version: number): Write {
  return {
    name: REGISTRY_CHECK,
    sql: "",
    params: [version],
    check: "assert_unchanged((SELECT version FROM registry_version) = $1, 'registry')",
  };
}
