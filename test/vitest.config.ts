import { configDefaults, defineConfig } from "vitest/config";
import { FlakyReporter } from "./support/flaky-reporter.ts";
import { ProofReporter } from "./support/proof-reporter.ts";
import { StandstillReporter } from "./support/standstill-reporter.ts";

/** Longer than any test may take. */
const STANDSTILL_MS = (process.env["LONG"] === "1" ? 180 : 10) * 60_000;

const SYSTEM = ["test/system/**/*.test.ts", "test/**/*.slow.test.ts"];

// `fast` is `npm test`. `system` holds what needs whole processes, minutes or the processor to itself, and the slow tests of single
// parts, which stand beside the others of their part as `*.slow.test.ts`.
export default defineConfig({
  test: {
    reporters: [
      "default",
      new ProofReporter(),
      new FlakyReporter(),
      new StandstillReporter({ limitMs: STANDSTILL_MS }),
    ],
    teardownTimeout: 15_000,
    // How often a test that fails is tried again. Only CI does so; a proof that needs it fails the run, and the others are listed.
    retry: Number(process.env["TEST_RETRY"] ?? 0),
    // A wait for a cause that is sure to come, on a machine that is busy; a test that promises a time says which.
    expect: { poll: { timeout: 50_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          // Files share a process, one after the other: importing the API or ingest takes longer than most files do. What they
          // import keeps no state beside what it is given, and a file that changes something global puts it back.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...SYSTEM],
          globalSetup: ["test/support/postgres-server.ts"],
          setupFiles: ["test/support/property-seed.ts"],
          // Not a limit of what is tested: a busy machine takes longer for the same.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Most tests wait for a disk, a database or a timer: more workers than cores.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: SYSTEM,
          globalSetup: ["test/support/postgres-server.ts"],
          setupFiles: ["test/support/property-seed.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One file at a time: these tests measure limits in time, and their processes need the cores.
          maxWorkers: 1,
        },
      },
    ],
  },
});
