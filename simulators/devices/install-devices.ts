import { SHUTTLES, type Site, SITES } from "../world/sites.ts";
import type { World } from "../world/world.ts";
import { type FaultStats, createFaultStats } from "./fault-stats.ts";
import type { Device } from "./device.ts";
import type { Faults } from "./faults.ts";
import { createGate, type Gate } from "./gate.ts";
import { createProbe } from "./probe.ts";
import { createShelfScale } from "./shelf-scale.ts";
import { createTracker } from "./tracker.ts";

/** All simulated devices of a world. */
export interface InstalledDevices {
  devices: readonly Device[];
  /** by the name of the site at whose docks they stand */
  gates: ReadonlyMap<string, readonly Gate[]>;
}

const GPS_MS = 1_000;
const SCALE_MS = 2_000;
const PROBE_MS = 10_000;

/**
 * Creates the devices of a world.
 * @param messagesPerSecond of all periodic devices together; undefined: each at its own interval
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
    idPrefix = "",
    faultStats = createFaultStats(),
  }: {
    seed: number;
    faults: Faults;
    gates: number;
    messagesPerSecond: number | undefined;
    idPrefix?: string;
    faultStats?: FaultStats;
  },
): InstalledDevices {
  const startMs = world.now;
  const periodic = world.trucks.length + world.shelves.length + world.climates.length;
  const every = (usualMs: number) => (messagesPerSecond ? (periodic * 1000) / messagesPerSecond : usualMs);
  const id = (what: string, index: number) => `${idPrefix}${what}-${String(index + 1).padStart(2, "0")}`;
  const docks = SITES.filter((site) => site.role !== "shop").sort((a, b) => gatePriority(a) - gatePriority(b));
  // With more gates than docks, some docks get several.
  const gates = Array.from({ length: gateCount }, (_, i) => {
    const site = docks[i % docks.length]?.name ?? "";
    return createGate({ id: id("gate", i), site, seed, faults, faultStats });
  });
  const worldNow = () => world.now;
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
    ...gates,
  ];
  return {
    devices,
    gates: new Map(docks.slice(0, gateCount).map(({ name }) => [name, gates.filter(({ site }) => site === name)])),
  };
}

/** Lower is first: gates go to sites that shuttles serve, then to other warehouses, then to plants. */
function gatePriority({ name, role }: Site): number {
  if (role === "plant") return 2;
  return SHUTTLES.some(([, to]) => to === name) ? 0 : 1;
}
