import { relative } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { proofsOn, readGuarantees, unproven } from "./proofs.ts";
import { findProgram } from "./requires.ts";

/** Fails a run in which a proof named in docs/guarantees.md was skipped, was retried or is missing from the file that ran. */
export class ProofReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const { root, testNamePattern, watch } = this.#vitest!.config;
    // With `-t` the other tests of a file are left out on purpose.
    if (testNamePattern !== undefined || watch) return;
    const outcomes = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => ({
        title: test.name,
        file: relative(root, module.moduleId),
        state: test.result().state,
        flaky: test.diagnostic()?.flaky,
      })),
    );
    const proofs = proofsOn(readGuarantees());
    const missing = unproven(proofs, outcomes, isHere);
    if (missing.length === 0) return;
    process.stderr.write(`\nNot proven, though docs/guarantees.md says so:\n${missing.join("\n")}\n`);
    process.exitCode = 1;
  }
}

/** `root` is the right to mount a file system. `REQUIRE_ALL=1` takes everything to be here. */
function isHere(need: string): boolean {
  if (process.env["REQUIRE_ALL"] === "1") return true;
  if (need === "root") return process.platform === "linux" && process.getuid?.() === 0;
  return findProgram(need) !== undefined;
}
