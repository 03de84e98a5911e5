import type { Kind } from "../../../broker/contract/readings.ts";
import { READING_KINDS } from "../../domain/reading-kinds.ts";
import type { PayloadFields } from "../../domain/payload-fields.ts";
import { parseVendorTime } from "../time/vendor-time.ts";

/** The time of the measurement, where the payload tells it. */
export const TIME_TARGET = "ts";

const KINDS: readonly Kind[] = ["gps", "rfid", "scale", "env", "scan", "vehicle"];

/** Every field that a value may become, as `{kind}.{field}`. */
export const PAYLOAD_TARGETS: readonly string[] = [
  TIME_TARGET,
  ...KINDS.flatMap((kind) =>
    READING_KINDS[kind].columnNames.filter((name) => name !== "location_id").map((name) => `${kind}.${name}`),
  ),
];

/** A value with its place. */
export interface Mapped {
  /** undefined: the time of measurement */
  kind: Kind | undefined;
  field: string;
  value: unknown;
}

/**
 * The value where its profile says that it belongs; `undefined` when the profile does not name it, "unused" when it says
 * that it is no part of a reading, "unusable" when the value is none that can be scaled or read as a time.
 */
export function mapValue(
  fields: PayloadFields | undefined,
  path: string,
  value: unknown,
): Mapped | "unused" | "unusable" | undefined {
  if (fields === undefined || !Object.hasOwn(fields, path)) return undefined;
  const target = fields[path];
  if (target === null || target === undefined) return "unused";
  const { field, scale, offset } = typeof target === "string" ? { field: target } : target;
  if (field === TIME_TARGET) {
    const ts = parseVendorTime(value);
    return ts === undefined ? "unusable" : { kind: undefined, field, value: ts };
  }
  const dot = field.indexOf(".");
  const [kind, name] = [field.slice(0, dot) as Kind, field.slice(dot + 1)];
  const type: string | undefined = (READING_KINDS[kind].columns as Record<string, string>)[name];
  if (type === "text") return typeof value === "string" || typeof value === "number" ? of(String(value)) : "unusable";
  if (type === "boolean")
    return typeof value === "boolean" || value === 0 || value === 1 ? of(Boolean(value)) : "unusable";
  const number = numberOf(value);
  if (number === undefined) return "unusable";
  const scaled = number * (scale ?? 1) + (offset ?? 0);
  // Volts become a charge by a straight line, and a fresh cell is above its end.
  return of(name === "battery" && (scale ?? offset) !== undefined ? Math.min(1, Math.max(0, scaled)) : scaled);

  function of(value: unknown): Mapped {
    return { kind, field: name, value };
  }
}

/** Numbers may come as text: many firmwares send them so. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
