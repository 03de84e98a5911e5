/** One thing that is wrong with the environment, and what to do about it. */
export interface Problem {
  name: string;
  hint: string;
}

/** Everything that is wrong with the environment, said at once. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ name, hint }) => `  ${name}: ${hint}`);
    super(`the environment cannot be used as it is\n${lines.join("\n")}`);
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}
