import { bottlenecks } from "./bottlenecks.ts";
import { dwell } from "./dwell.ts";
import { inventory } from "./inventory.ts";
import { onTime } from "./on-time.ts";
import type { Report } from "./report.ts";
import { space } from "./space.ts";
import { throughput } from "./throughput.ts";
import { turns } from "./turns.ts";
import { vehicles } from "./vehicles.ts";

/** The query of each is checked by its own schema, so that they can be kept together. */
const all = [bottlenecks, dwell, space, onTime, throughput, turns, inventory, vehicles] as unknown as readonly Report[];

export const REPORTS: Readonly<Record<string, Report>> = Object.fromEntries(all.map((report) => [report.kind, report]));

export const REPORT_KINDS = [
  "bottlenecks",
  "dwell",
  "space",
  "on-time",
  "throughput",
  "turns",
  "inventory",
  "vehicles",
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
