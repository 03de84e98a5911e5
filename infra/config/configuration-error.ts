/** One problem with an environment variable, and how to solve it. */
export interface Problem {
  name: string;
  hint: string;
}

/** All problems with the environment in one error. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ name, hint }) => `  ${name}: ${hint}`);
    super(`the configuration is not valid\n${lines.join("\n")}`);
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}
