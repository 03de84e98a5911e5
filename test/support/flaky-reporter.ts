import { relative } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/**
 * Names, at the end of a run, the tests that failed first and passed when they were tried again, and why they failed first.
 * CI tries a test a second time (`TEST_RETRY` in `.ci/run`). A proof of docs/guarantees.md fails the run all the same.
 */
export class FlakyReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { root } = this.#vitest!.config;
    const flaky = modules.flatMap((module) =>
      [...module.children.allTests()]
        .filter((test) => test.diagnostic()?.flaky)
        .map((test) => {
          const [first] = test.result().errors ?? [];
          return `${relative(root, module.moduleId)}: “${test.fullName}”\n${first?.stack ?? first?.message ?? "no error"}`;
        }),
    );
    if (flaky.length === 0) return;
    process.stderr.write(`\nPassed only when it was tried again, so to be mended:\n${flaky.join("\n")}\n`);
  }
}
