import { readFileSync } from "node:fs";
import { type Problem } from "./configuration-error.ts";
import { type Environment, environmentSchema, type VariableName, variableNames, variableOf } from "./variables.ts";

/** The variables of a process, as Node hands them over. */
export type RawEnvironment = Readonly<Record<string, string | undefined>>;

/** Reads every variable, its default or the file that holds it; what is wrong is added to `problems`. */
export function readEnvironment(raw: RawEnvironment, problems: Problem[]): Environment {
  const given: Record<string, string | undefined> = {};
  for (const name of variableNames) given[name] = textOf(name, raw, problems);
  const outcome = environmentSchema.safeParse(given);
  if (outcome.success) return outcome.data;
  for (const { path, message } of outcome.error.issues) {
    const name = path[0] as VariableName;
    const shown = variableOf(name).secret === undefined ? `${JSON.stringify(given[name])} is not usable: ` : "";
    problems.push({ name, hint: shown + message });
    given[name] = variableOf(name).default;
  }
  // With defaults in place of what cannot be read, the rest can still be checked, so that all is said at once.
  return environmentSchema.parse(given);
}

function textOf(name: VariableName, raw: RawEnvironment, problems: Problem[]): string | undefined {
  const variable = variableOf(name);
  const fileName = `${name}_FILE`;
  const file = variable.secret === undefined ? "" : (raw[fileName] ?? "");
  const direct = raw[name];
  if (file === "") {
    // An empty variable is one that is not set, except that an empty port turns its listener off.
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
