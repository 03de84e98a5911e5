import { gateSites } from "../world/gate-sites.ts";
import { driverOf } from "../world/drivers.ts";
import type { HandlingKind } from "../world/handling.ts";
import type { ColdBox } from "../world/cold-box.ts";
import type { World } from "../world/world.ts";
import { type FaultStats, createFaultStats } from "./fault-stats.ts";
import type { Device, MountPlan } from "./device.ts";
import type { Faults } from "./faults.ts";
import { createGate, type Gate } from "./gate.ts";
import { createOnboardUnit } from "./onboard-unit.ts";
import { createLogger } from "./logger.ts";
import { createProbe } from "./probe.ts";
import { createReader } from "./reader.ts";
import { createShelfScale } from "./shelf-scale.ts";
import { createTracker } from "./tracker.ts";

/** All simulated devices of a world. */
export interface InstalledDevices {
  devices: readonly Device[];
  /** by the name of the site at whose docks they stand */
  gates: ReadonlyMap<string, readonly Gate[]>;
  /** the drivers' scanners, by the name of the truck */
  scanners: ReadonlyMap<string, Device>;
  /** the scanners of the people at the shelves, by the name of the site */
  shelfScanners: ReadonlyMap<string, Device>;
  /** the loggers of the cold boxes, in their order */
  loggers: readonly string[];
  /** by how much a device's clock is wrong beside the usual faults, milliseconds, by its id */
  clockErrors: ReadonlyMap<string, number>;
}

const GPS_MS = 1_000;
const SCALE_MS = 2_000;
const PROBE_MS = 10_000;

/**
 * Creates the devices of a world.
 * @param messagesPerSecond of all periodic devices together; undefined: each at its own interval
 * @param shelfScans whether people at shelves have scanners
 * @param vehicleData whether the trucks' own electronics tell of them
 * @param idPrefix prefix of the devices' ids
 * @param faultStats counts the injected faults
 */
export function installDevices(
  world: World,
  {
    seed,
    faults,
    gates: gateCount,
    messagesPerSecond,
    shelfScans = false,
    vehicleData = false,
    coldBoxes = [],
    idPrefix = "",
    faultStats = createFaultStats(),
  }: {
    seed: number;
    faults: Faults;
    gates: number;
    messagesPerSecond: number | undefined;
    shelfScans?: boolean;
    vehicleData?: boolean;
    coldBoxes?: readonly ColdBox[];
    idPrefix?: string;
    faultStats?: FaultStats;
  },
): InstalledDevices {
  const startMs = world.now;
  const periodic = world.trucks.length + world.shelves.length + world.climates.length;
  const every = (usualMs: number) => (messagesPerSecond ? (periodic * 1000) / messagesPerSecond : usualMs);
  const id = (what: string, index: number) => `${idPrefix}${what}-${String(index + 1).padStart(2, "0")}`;
  // With more gates than docks, some docks get several.
  const sites = gateSites(gateCount);
  const gates = sites.map(({ name }, i) => createGate({ id: id("gate", i), site: name, seed, faults, faultStats }));
  const clockErrorsOfSites = new Map([...world.plan.clockErrors].map(([{ name }, ms]) => [name, ms]));
  const trucksOf = (kind: HandlingKind) => world.trucks.filter(({ handling }) => handling === kind);
  const scanners = trucksOf("scanner").map(({ name }, i): [string, Device] => [
    name,
    createScanner({ truck: name }, id("scanner", i)),
  ]);
  const shelfSites = shelfScans ? [...new Set(world.shelves.map(({ site }) => site.name))] : [];
  const shelfScanners = shelfSites.map((site, i): [string, Device] => [
    site,
    createScanner({ site }, id("handheld", i)),
  ]);
  const worldNow = () => world.now;
  const loggers = coldBoxes.map((box, i) => createLogger(box, { id: id("logger", i), seed }));
  const devices: Device[] = [
    ...world.trucks.map((truck, i) =>
      createTracker(truck, { id: id("truck", i), seed, faults, intervalMs: every(GPS_MS), worldNow, faultStats }),
    ),
    ...world.shelves.map((shelf, i) =>
      createShelfScale(shelf, { id: id("shelf", i), seed, faults, intervalMs: every(SCALE_MS), startMs, faultStats }),
    ),
    ...world.climates.map((climate, i) =>
      createProbe(climate, { id: id("probe", i), seed, intervalMs: every(PROBE_MS), startMs }),
    ),
    ...trucksOf("two-trackers").map((truck, i) =>
      createTracker(truck, {
        ...{ id: id("second-tracker", i), seed, faults, intervalMs: every(GPS_MS), worldNow, faultStats },
      }),
    ),
    ...trucksOf("reader-aboard").map((truck, i) =>
      createReader(truck, { id: id("reader", i), seed, faults, faultStats }),
    ),
    ...(vehicleData ? world.trucks : []).map((truck, i) =>
      createOnboardUnit(truck, { id: id("onboard-unit", i), seed, card: driverOf(i).card }),
    ),
    ...loggers,
    ...[...scanners, ...shelfScanners].map(([, scanner]) => scanner),
    ...gates,
  ];
  return {
    devices,
    loggers: loggers.map((logger) => logger.id),
    gates: new Map(sites.map(({ name }) => [name, gates.filter(({ site }) => site === name)])),
    scanners: new Map(scanners),
    shelfScanners: new Map(shelfScanners),
    clockErrors: new Map(
      gates.flatMap(({ id, site }) => {
        const errorMs = clockErrorsOfSites.get(site);
        return errorMs === undefined ? [] : [[id, errorMs] as const];
      }),
    ),
  };
}

/** It speaks when somebody scans something. */
function createScanner(mount: MountPlan, id: string): Device {
  return { id, kind: "scan", mount, intervalMs: undefined };
}
