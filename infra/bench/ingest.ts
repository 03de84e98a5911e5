import { chmod, mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchContext } from "./context.ts";
import { type BenchEnvironment, openEnvironment } from "./environment.ts";
import { fsyncCost } from "./fsync-cost.ts";
import { measureRow } from "./measure-row.ts";
import type { BenchOptions } from "./options.ts";
import { FULL_PLAN, type Plan, QUICK_PLAN } from "./plan.ts";
import { measureReferences } from "./reference-rows.ts";
import { measureScales } from "./scales.ts";
import { measureIdle, measureLatencies, measureOnly } from "./scenarios.ts";
import { markdownTable, medianRow, type Row } from "./table.ts";

/** A lag above this means that the platform did not keep up with the rate. */
const MAX_LAG_MS = 2_000;

/** Measures the rows of `npm run bench -- ingest` and prints them; progress goes to standard error. */
export async function benchIngest(options: BenchOptions, context: BenchContext): Promise<void> {
  const plan = options.quick ? QUICK_PLAN : FULL_PLAN;
  const directory = await mkdtemp(join(tmpdir(), "waystock-bench-"));
  // Enterable for the user of the embedded Postgres, which is not root.
  await chmod(directory, 0o711);
  context.components.register("data directory", directory, (path) => rm(path, { recursive: true, force: true }));
  const rows: Row[] = [];
  const add = (...more: Row[]) => {
    rows.push(...more);
    for (const row of more) process.stderr.write(`${markdownTable([row]).split("\n").at(-1)!}\n`);
  };
  if (options.only) {
    add(await measureOnly(options.only, directory, context));
  } else if (options.scales) {
    add(...(await measureScales(plan, directory, context)));
  } else {
    add({ what: "fdatasync of 4 kB", load: "", p50: await fsyncCost(directory) });
    await measureWithPostgres(plan, directory, context, add);
    add(...(await measureScales(plan, directory, context)));
    await measureWithInflux(plan, directory, context, add);
    await measureSlowDisk(plan, directory, context, add);
    add(...(await measureReferences(plan, directory, context.components)));
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ machine, rows }, null, 2)}\n` : `${machine}\n\n${markdownTable(rows)}\n`,
  );
}

/** Keeps start-up work and the first arrivals of all trucks out of every row. */
async function warmUp(environment: BenchEnvironment): Promise<void> {
  await measureRow(environment, { what: "warming up", by: "gateways", rate: 5_000, seconds: 3 });
  await environment.settled();
}

type Add = (...rows: Row[]) => void;
type Measure = (plan: Plan, directory: string, context: BenchContext, add: Add) => Promise<void>;

const measureWithPostgres: Measure = async (plan, directory, context, add) => {
  const what = "whole platform, series in Postgres";
  const environment = await openEnvironment({
    directory: join(directory, "postgres"),
    idleDevices: plan.idleDevices,
    ...context,
  });
  await warmUp(environment);
  for (const by of ["gateways", "trucks"] as const) {
    for (const rate of [5_000, 20_000, 40_000, undefined]) {
      const seconds = rate === undefined ? plan.burst : plan.paced;
      const rounds: Row[] = [];
      for (let round = 0; round < plan.rounds; round += 1) {
        rounds.push(await measureRow(environment, { what, by, rate, seconds }));
      }
      add(medianRow(rounds));
    }
  }
  const longBurst = { what: `${what}: long burst`, by: "gateways", rate: undefined, seconds: plan.longBurst } as const;
  add(await measureRow(environment, longBurst));
  await measureSustained(environment, what, plan, add);
  add(...(await measureLatencies(environment, plan)));
  add(await measureIdle(environment, plan));
  add(await compareRow(environment));
  await environment.close();
};

/** Raises the rate until the platform no longer keeps up. */
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
    if ((row.lagMs ?? 0) > MAX_LAG_MS) break;
  }
  const arrays = { what: `${what}: arrays of 10`, by: "gateways", rate: 10_000, readingsPerMessage: 10 } as const;
  add(await measureRow(environment, { ...arrays, seconds: short }));
}

const measureWithInflux: Measure = async (plan, directory, context, add) => {
  const what = "whole platform, series in InfluxDB";
  const environment = await openEnvironment({ directory: join(directory, "influx"), influx: true, ...context });
  if (!environment.hasInflux) add({ what, load: "", note: "skipped: no influxd on the path" });
  else {
    await warmUp(environment);
    for (const rate of [20_000, 30_000]) {
      const row = await measureRow(environment, {
        what: `${what}: sustained`,
        by: "trucks",
        rate,
        seconds: plan.short,
      });
      add(row);
      if ((row.lagMs ?? 0) > MAX_LAG_MS) break;
    }
    add(await compareRow(environment));
  }
  await environment.close();
};

const measureSlowDisk: Measure = async (plan, directory, context, add) => {
  const what = "whole platform, 5 ms added to every fsync";
  const environment = await openEnvironment({ directory: join(directory, "slow"), syncDelayMs: 5, ...context });
  await warmUp(environment);
  for (const rate of [5_000, 20_000, undefined]) {
    const seconds = rate === undefined ? plan.burst : plan.paced;
    add(await measureRow(environment, { what, by: "gateways", rate, seconds }));
  }
  await environment.close();
};

async function compareRow(environment: BenchEnvironment): Promise<Row> {
  const readings = await environment.compare();
  return { what: "acknowledged = stored", load: "", note: `${readings} readings, device by device` };
}
