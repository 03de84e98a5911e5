import { configDefaults, defineConfig } from "vitest/config";
import { ProofReporter } from "./support/proof-reporter.ts";

const SYSTEM = "test/system/**/*.test.ts";

// `fast` is `npm test`. `system` holds what needs whole processes, minutes or the processor to itself.
export default defineConfig({
  test: {
    reporters: ["default", new ProofReporter()],
    teardownTimeout: 15_000,
    projects: [
      {
        extends: true,
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, SYSTEM],
          globalSetup: ["test/support/postgres-server.ts"],
          // Not a limit of what is tested: a busy machine takes longer for the same.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Most tests wait for a disk, a database or a timer: more workers than cores.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "system",
          include: [SYSTEM],
          globalSetup: ["test/support/postgres-server.ts"],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          // One file at a time: these tests measure limits in time, and their processes need the cores.
          maxWorkers: 1,
        },
      },
    ],
  },
});
