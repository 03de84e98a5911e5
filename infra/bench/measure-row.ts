import { runOnPlatform } from "./measure.ts";
import type { BenchEnvironment } from "./environment.ts";
import type { Row } from "./table.ts";

export interface RowLoad {
  /** the first column of the row */
  what: string;
  by: "gateways" | "trucks";
  /** messages a second; undefined: saturation, 20 in flight on every connection */
  rate: number | undefined;
  seconds: number;
  readingsPerMessage?: number;
}

/** Runs one load and returns its row of the table. */
export async function measureRow(environment: BenchEnvironment, load: RowLoad): Promise<Row> {
  const { what, by, rate, seconds, readingsPerMessage = 1 } = load;
  const run = await runOnPlatform(environment.platform, environment.progress, await environment.clients(by), {
    rate,
    seconds,
    readingsPerMessage,
  });
  const target = rate === undefined ? "saturation" : `${(rate * readingsPerMessage).toLocaleString("en-US")}/s`;
  return {
    what,
    load: `${target}, ${connections(by)}, ${seconds} s`,
    perSecond: run.perSecond * readingsPerMessage,
    p50: run.p50,
    p99: run.p99,
    lagMs: run.lagMs,
    cpu: run.cpu,
    note: `${run.storedPerSecond.toLocaleString("en-US")}/s derived and stored`,
  };
}

export function connections(by: "gateways" | "trucks"): string {
  return by === "gateways" ? "50 connections" : "1,000 connections";
}
