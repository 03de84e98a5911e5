import { relative } from "node:path";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

const CHECK_MS = 5_000;

/**
 * Ends a run whose test file stands still, and names it. Tests and hooks have time limits of their own; the clean-up of a
 * fixture, an import and a worker that blocks have none, and a run would wait for them for ever.
 */
export class StandstillReporter implements Reporter {
  readonly #limitMs: number;
  readonly #running = new Map<string, { since: number; lastTest: string }>();
  #vitest: Vitest | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param limitMs without any end of a test in the file */
  constructor({ limitMs }: { limitMs: number }) {
    this.#limitMs = limitMs;
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunStart(): void {
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
  }

  onTestModuleQueued(module: TestModule): void {
    this.#heard(module, "none");
  }

  onTestCaseReady(test: TestCase): void {
    this.#heard(test.module, test.fullName);
  }

  onTestCaseResult(test: TestCase): void {
    this.#heard(test.module, test.fullName);
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.moduleId);
  }

  onTestRunEnd(): void {
    clearInterval(this.#timer);
  }

  #heard({ moduleId }: TestModule, lastTest: string): void {
    this.#running.set(moduleId, { since: performance.now(), lastTest });
  }

  #check(): void {
    const { root, watch } = this.#vitest!.config;
    if (watch) return;
    const still = [...this.#running].filter(([, { since }]) => performance.now() - since > this.#limitMs);
    if (still.length === 0) return;
    clearInterval(this.#timer);
    const files = still.map(([file, { lastTest }]) => `${relative(root, file)} (last test: ${lastTest})`);
    process.stderr.write(`\nNothing ended for ${this.#limitMs / 1_000} s in:\n${files.join("\n")}\n`);
    process.exitCode = 1;
    void this.#vitest!.exit(true);
  }
}
