import type { Rate, AttemptLimit } from "./values.ts";
import type { Environment, VariableName } from "./variables.ts";
import { variableNames, variableOf } from "./variables.ts";

/** Every variable with its value, one per line, secrets masked. */
export function redactedEnvironment(env: Environment): string {
  const width = Math.max(...variableNames.map((name) => name.length));
  return variableNames.map((name) => `${name.padEnd(width)}  ${redactedValue(name, env[name])}`).join("\n");
}

function redactedValue(name: VariableName, value: unknown): string {
  const { secret, defaultIs } = variableOf(name);
  if (value === undefined)
    return name.endsWith("_PORT") ? "(off)" : defaultIs === undefined ? "-" : `- (${defaultIs.replaceAll("`", "")})`;
  if (secret === "whole") return "***";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.join(",");
  if (isRate(value)) return `${value.perSecond}/s,${value.burst}`;
  if (isAttemptLimit(value)) return `${value.count}/${value.windowMs / 1000}s`;
  if (typeof value !== "string") return JSON.stringify(value);
  return secret === "url" ? redactUrl(value) : value;
}

const isRate = (value: unknown): value is Rate => typeof value === "object" && value !== null && "burst" in value;
const isAttemptLimit = (value: unknown): value is AttemptLimit =>
  typeof value === "object" && value !== null && "windowMs" in value;

/** The URL with its password, and query parameters such as `?password=`, masked. */
export function redactUrl(text: string): string {
  const url = new URL(text);
  if (url.password !== "") url.password = "***";
  for (const key of new Set(url.searchParams.keys()))
    if (/pass|secret|token|key/i.test(key)) url.searchParams.set(key, "***");
  return url.href;
}
