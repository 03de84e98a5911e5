import type { Problem } from "./configuration-error.ts";
import type { RawEnvironment } from "./environment.ts";

/** Announced variables without an implementation. A set one is logged at start: a setting must not be ignored silently. */
const UNIMPLEMENTED: readonly string[] = ["DATABASE_READ_URL", "MAP_PMTILES", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/** The variables that are set and have no effect. */
export function ignoredVariables(raw: RawEnvironment): string[] {
  return UNIMPLEMENTED.flatMap((name) => [name, `${name}_FILE`]).filter((name) => isSet(raw, name));
}

/** A setting that asks for more safety than this version provides refuses the start. */
export function rejectUnimplemented(raw: RawEnvironment, problems: Problem[]): void {
  if (isSet(raw, "ACK_AFTER") && raw["ACK_AFTER"] !== "journal") {
    const hint = "only `journal` is implemented: the PUBACK follows the fsync on this node's disk";
    problems.push({ name: "ACK_AFTER", hint });
  }
  if (isSet(raw, "DATA_KEY_FILE")) {
    problems.push({
      name: "DATA_KEY_FILE",
      hint: "encryption at rest is not implemented; unset it and encrypt the disk",
    });
  }
}

function isSet(raw: RawEnvironment, name: string): boolean {
  return raw[name] !== undefined && raw[name] !== "";
}
