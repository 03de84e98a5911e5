import { ensureAdmin } from "../../api/auth/bootstrap-admin.ts";
import { inTransaction, recordFacts } from "../../ingest/decisions/record-facts.ts";
import { benchApi } from "../bench/api/bench-api.ts";
import { benchIngest } from "../bench/ingest.ts";
import { readBenchOptions, USAGE } from "../bench/options.ts";
import { benchStream } from "../bench/stream/bench-stream.ts";
import type { InitialLoading } from "../bench/world.ts";
import { environmentWith } from "../config/config.ts";
import { readConfigOrExit, runProcess } from "../runtime/lifecycle.ts";
import { createLogger } from "../runtime/logger.ts";
import type pg from "pg";

const options = readBenchOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const config = readConfigOrExit(environmentWith({ LOG_LEVEL: "warn" }));

/** Creates and loads shipments by the path that the API takes for a person. */
const load = (pool: pg.Pool) => (loadings: readonly InitialLoading[]) =>
  inTransaction(pool, (client) =>
    recordFacts(client, {
      facts: loadings.flatMap(({ shipmentId, vehicleId, locationId, at }) => {
        const known = { subject: `shipment:${shipmentId}` as const, at, rule: "person", evidence: [], confidence: 1 };
        return [
          {
            ...known,
            key: `bench:${shipmentId}:created`,
            type: "created" as const,
            data: { stage: "storage" as const, locationId },
          },
          { ...known, key: `bench:${shipmentId}:loaded`, type: "loaded" as const, data: { vehicleId, locationId } },
        ];
      }),
    }),
  );

// Measures the running code on this machine: `npm run bench -- --help`.
await runProcess(
  "bench",
  async ({ components, log }) => {
    const createAdmin = async (pool: pg.Pool, account: { email: string; password: string }) => {
      await ensureAdmin(pool, account, "");
    };
    const run = { ingest: benchIngest, api: benchApi, stream: benchStream }[options.bench];
    await run(options, { components, log, load, createAdmin });
    components.stop("done");
    return {};
  },
  config,
  createLogger(config, "bench"),
  (error) => process.stderr.write(`bench: ${error.message}\n`),
);
