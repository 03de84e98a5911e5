import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import type { Logger } from "pino";
import type { Components } from "../runtime/lifecycle.ts";
import { measureIdle, measureLatencies, measureOnly } from "./scenarios.ts";
import type { BenchOptions } from "./options.ts";
import { measureReferences } from "./reference-rows.ts";
import { openEnvironment, type BenchEnvironment } from "./environment.ts";
import { measureRow } from "./measure-row.ts";
import { fsyncCost } from "./fsync-cost.ts";
import { markdownTable, medianRow, type Row } from "./table.ts";
import type { InitialLoading } from "./world.ts";

export interface BenchContext {
  components: Components;
  log: Logger;
  /** records, as people do, that shipments were created and loaded */
  load: (pool: pg.Pool) => (loadings: readonly InitialLoading[]) => Promise<void>;
  /** makes the administrator whose token asks the API */
  administer: (pool: pg.Pool, account: { email: string; password: string }) => Promise<void>;
}

/** What an ordinary and a quick run do. Seconds of load; each stretch is followed by the time its readings need. */
const FULL = { rounds: 5, paced: 2, burst: 3, longBurst: 10, sustained: 60, short: 15, idleDevices: 10_000 };
const QUICK = { rounds: 1, paced: 1, burst: 1, longBurst: 2, sustained: 5, short: 2, idleDevices: 1_000 };
export type Plan = typeof FULL;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Measures everything `ingest` of the contract's section 6 asks for, and prints it. */
export async function benchIngest(options: BenchOptions, context: BenchContext): Promise<void> {
  const plan = options.quick ? QUICK : FULL;
  const directory = await mkdtemp(join(tmpdir(), "waystock-bench-"));
  // Where a server that may not run as root can enter too.
  await chmod(directory, 0o711);
  context.components.register("data directory", directory, (path) => rm(path, { recursive: true, force: true }));
  const rows: Row[] = [];
  const add = (...more: Row[]) => {
    rows.push(...more);
    for (const row of more) say(markdownTable([row]).split("\n").at(-1)!);
  };
  if (options.only) {
    add(await measureOnly(options.only, directory, context));
  } else {
    add({ what: "fdatasync of 4 kB", load: "", p50: await fsyncCost(directory) });
    await measureWithPostgres(plan, directory, context, add);
    await measureWithInflux(plan, directory, context, add);
    await measureSlowDisk(plan, directory, context, add);
    add(...(await measureReferences(plan, directory, context.components)));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : `${machine}\n\n${markdownTable(rows)}\n`,
  );
}

type Add = (...rows: Row[]) => void;
type Measured = (plan: Plan, directory: string, context: BenchContext, add: Add) => Promise<void>;

const measureWithPostgres: Measured = async (plan, directory, context, add) => {
  const what = "whole platform, series in Postgres";
  const environment = await openEnvironment({
    directory: join(directory, "postgres"),
    idleDevices: plan.idleDevices,
    ...context,
  });
  await measureRow(environment, { what, by: "gateways", rate: 5_000, seconds: 3 });
  for (const by of ["gateways", "trucks"] as const) {
    for (const rate of [5_000, 20_000, 40_000, undefined]) {
      const rounds: Row[] = [];
      for (let round = 0; round < plan.rounds; round += 1) {
        rounds.push(
          await measureRow(environment, { what, by, rate, seconds: rate === undefined ? plan.burst : plan.paced }),
        );
      }
      add(medianRow(rounds));
    }
  }
  add(
    await measureRow(environment, {
      what: `${what}: long burst`,
      by: "gateways",
      rate: undefined,
      seconds: plan.longBurst,
    }),
  );
  await measureSustained(environment, what, plan, add);
  add(...(await measureLatencies(environment, plan)));
  add(await measureIdle(environment, plan));
  add({ what: "acknowledged = stored", load: "", note: `${await environment.compare()} readings, device by device` });
  await environment.close();
};

/** Rates rise until one is not kept up with. */
async function measureSustained(
  environment: BenchEnvironment,
  what: string,
  { sustained, short }: Plan,
  add: Add,
): Promise<void> {
  for (const [rate, seconds] of [
    [30_000, sustained],
    [45_000, short],
    [60_000, short],
  ] as const) {
    const row = await measureRow(environment, { what: `${what}: sustained`, by: "trucks", rate, seconds });
    add(row);
    if ((row.lagMs ?? 0) > 2_000) break;
  }
  add(
    await measureRow(environment, {
      what: `${what}: arrays of 10`,
      by: "gateways",
      rate: 10_000,
      seconds: short,
      readingsPerMessage: 10,
    }),
  );
}

const measureWithInflux: Measured = async (plan, directory, context, add) => {
  const what = "whole platform, series in InfluxDB";
  const environment = await openEnvironment({ directory: join(directory, "influx"), influx: true, ...context });
  if (!environment.hasInflux) add({ what, load: "", note: "skipped: no influxd on the path" });
  else {
    for (const rate of [20_000, 30_000]) {
      const row = await measureRow(environment, {
        what: `${what}: sustained`,
        by: "trucks",
        rate,
        seconds: plan.short,
      });
      add(row);
      if ((row.lagMs ?? 0) > 2_000) break;
    }
    add({ what: "acknowledged = stored", load: "", note: `${await environment.compare()} readings, device by device` });
  }
  await environment.close();
};

const measureSlowDisk: Measured = async (plan, directory, context, add) => {
  const what = "whole platform, 5 ms added to every fsync";
  const environment = await openEnvironment({ directory: join(directory, "slow"), syncDelayMs: 5, ...context });
  for (const rate of [5_000, 20_000, undefined]) {
    add(
      await measureRow(environment, {
        what,
        by: "gateways",
        rate,
        seconds: rate === undefined ? plan.burst : plan.paced,
      }),
    );
  }
  await environment.close();
};
