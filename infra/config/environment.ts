import { readFileSync } from "node:fs";
import type { Problem } from "./configuration-error.ts";
import { type Environment, environmentSchema, type VariableName, variableNames, variableOf } from "./variables.ts";

/** Environment variables as Node provides them. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Reads every variable, its file or its default; adds each problem to `problems`. */
export function readEnvironment(raw: RawEnvironment, problems: Problem[]): Environment {
  const texts: Record<string, string | undefined> = {};
  for (const name of variableNames) texts[name] = textOf(name, raw, problems);
  const outcome = environmentSchema.safeParse(texts);
  if (outcome.success) return outcome.data;
  for (const { path, message } of outcome.error.issues) {
    const name = path[0] as VariableName;
    const value = variableOf(name).secret === undefined ? `${JSON.stringify(texts[name])} is not usable: ` : "";
    problems.push({ name, hint: value + message });
    texts[name] = variableOf(name).default;
  }
  // With defaults in place of the invalid values the remaining checks can run, so that all problems are reported at once.
  return environmentSchema.parse(texts);
}

function textOf(name: VariableName, raw: RawEnvironment, problems: Problem[]): string | undefined {
  const variable = variableOf(name);
  const fileName = `${name}_FILE`;
  const file = variable.secret === undefined ? "" : (raw[fileName] ?? "");
  const direct = raw[name];
  if (file === "") {
    // An empty variable counts as not set, except that an empty port turns its listener off.
    return direct === "" && !name.endsWith("_PORT") ? variable.default : (direct ?? variable.default);
  }
  if (direct !== undefined && direct !== "") problems.push({ name, hint: `set ${name} or ${fileName}, not both` });
  try {
    return readFileSync(file, "utf8").trimEnd();
  } catch (error) {
    problems.push({ name: fileName, hint: `name a file that can be read (${(error as Error).message})` });
    return undefined;
  }
}
