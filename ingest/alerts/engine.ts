/**
 * START HERE: how a change becomes an alert.
 *
 *   notice      every commit tells which stock positions, devices, vehicles and shipments it has changed    change-feed.ts
 *               the load of a trip is judged by what is known of its goods and of its stops              trips-turn.ts
 *               the stock of a location counts for its capacity, and for those of what it lies in  capacity-places.ts
 *   assess      the rules say of each whether something is wrong with it                         domain/alert/
 *   condition   hysteresis and holds: when a finding is an alert, and when the alert is over     domain/alert/condition.ts
 *   commit      condition, alert, history and the notice for the live stream, in one statement   stores/queries/alerts/commit.ts
 *
 * The engine runs beside the state worker and costs it nothing: commits do no work for alerts. What it knows is in Postgres;
 * after a restart, or a lost connection, everything is assessed once, which opens no alert twice. Any number of nodes may run
 * it. What time alone brings (a hold that is over, a silence, the end of a snooze) is asked for a few times a second, by
 * indexes that hold only what waits. Each kind of subject has its own turn: one that fails holds no other up (kind-turns.ts), and
 * what takes long runs beside the stock (lanes.ts).
 */
import type { Pool } from "pg";
import type { Logger } from "pino";
import { type AlertedDevice, assessDevice } from "../domain/alert/device.ts";
import type { AlertRule } from "../domain/alert/rule.ts";
import type { PostgresListener } from "../stores/caches/device-registry.ts";
import { wakeSnoozedAlerts } from "../stores/queries/alerts/commit.ts";
import { conditionSubjects, dueSubjects } from "../stores/queries/alerts/conditions.ts";
import { devicesToAssess } from "../stores/queries/alerts/devices.ts";
import { integrationsToAssess } from "../stores/queries/alerts/integrations.ts";
import { sourcesToAssess } from "../stores/queries/alerts/quarantine.ts";
import { loadAlertRules } from "../stores/queries/alerts/rules.ts";
import { stockToAssess } from "../stores/queries/alerts/stock.ts";
import { shipmentsToAssess } from "../stores/queries/alerts/shipments.ts";
import { vehiclesToAssess } from "../stores/queries/alerts/vehicles.ts";
import type { Loop } from "../workers/loop.ts";
import type { ReceiptClock } from "../workers/receipt-clock.ts";
import { assessSubjects } from "./assess-subjects.ts";
import { CapacityPlaces } from "./capacity-places.ts";
import { followChanges } from "./change-feed.ts";
import { DirtyIds } from "./dirty-ids.ts";
import { BATCH_SIZE, takeDirty } from "./take-dirty.ts";
import { Silences } from "./silences.ts";
import { KindTurns, type Rest } from "./kind-turns.ts";
import { startLanes } from "./lanes.ts";
import { TripsTurn } from "./trips-turn.ts";
import {
  devicesBy,
  INTEGRATIONS,
  LOCATIONS,
  SHIPMENTS,
  SOURCES,
  splitSubject,
  STOCK,
  type SubjectKind,
  TRIP_STOPS,
  VEHICLES,
} from "./subject-kind.ts";

/** How long a change waits to be gathered with others, milliseconds. */
const INTERVAL_MS = 100;
/** What time alone brings is asked for so often, milliseconds. */
const TIME_INTERVAL_MS = 500;
/** Integrations are looked at so often, milliseconds: rules about them count in minutes. */
const INTEGRATIONS_MS = 2_000;
/** A device, a vehicle and a location is assessed once in so long at most, milliseconds. */
const REST_MS = 1_000;
/**
 * Devices change with every reading, locations hold many positions, sources are asked for all the time, and the load of a trip is verified by
 * every tag around its stops: each takes a tenth of the time at most.
 */
const TENTH: Rest = { times: 9 };

export interface AlertEngine extends Loop {
  /** kinds of subject whose alerts are neither opened nor closed now; of all of them `lastError` tells */
  failing(): string[];
}

/** @param clock how long ago something was received, also when the wall clock was set meanwhile */
export function startAlertEngine(
  pool: Pool,
  listener: PostgresListener,
  clock: ReceiptClock,
  log: Logger,
): AlertEngine {
  const trips = new TripsTurn(pool);
  const dirty = {
    ...trips.dirty,
    stock: new DirtyIds<number>(0),
    devices: new DirtyIds<string>(REST_MS),
    vehicles: new DirtyIds<number>(REST_MS),
    shipments: new DirtyIds<number>(REST_MS),
  };
  const dirtyLocations = new DirtyIds<number>(REST_MS);
  const capacityPlaces = new CapacityPlaces(pool, listener, dirtyLocations);
  const silences = new Silences();
  const startedAt = performance.now();
  // Whoever was not heard while this process was away had nobody to speak to.
  const devices = devicesBy((lastReceivedAt, reached) =>
    Math.min(clock.elapsedMs(lastReceivedAt, reached), performance.now() - startedAt),
  );
  let rules: readonly AlertRule[] = [];
  /** undefined: not to be read yet. They are read when changes are heard: before, everything would be assessed once more then */
  let areRulesCurrent: boolean | undefined;
  let nextTimeMs = 0;
  let sinceStepMs = clock.sinceStepMs();
  const turns = new KindTurns(log);
  const feed = followChanges(listener, dirty, () => (areRulesCurrent = false), log);

  async function readRules(): Promise<void> {
    // Set before reading: a change meanwhile makes them old again.
    areRulesCurrent = true;
    rules = await loadAlertRules(pool).catch((error: unknown) => {
      areRulesCurrent = false;
      throw error;
    });
    for (const ids of Object.values(dirty)) ids.addSince(Number.NEGATIVE_INFINITY);
    capacityPlaces.expire();
    await assessConditions();
  }

  const isNeeded = ({ types }: Pick<SubjectKind<string | number, unknown>, "types">) =>
    rules.some(({ type }) => types.includes(type));

  /** Assesses what is dirty of one kind. What could not be assessed stays dirty. */
  const assessDirty = <Id extends string | number, Row>(
    kind: SubjectKind<Id, Row>,
    ids: DirtyIds<Id>,
    changedSince: (since: number, after: Id | undefined) => Promise<Id[]>,
    onAssessed: (rows: readonly Row[]) => void = () => undefined,
  ): Promise<void> =>
    takeDirty(pool, ids, changedSince, async (page) => onAssessed(await assessSubjects(pool, rules, kind, page)));

  async function assessDevices(): Promise<void> {
    if (!isNeeded(devices)) return;
    dirty.devices.add(silences.take(performance.now()));
    await assessDirty(
      devices,
      dirty.devices,
      (since, after = "") => devicesToAssess(pool, since, after, BATCH_SIZE),
      awaitSilences,
    );
  }

  async function assessLocations(): Promise<void> {
    if (isNeeded(LOCATIONS)) await assessDirty(LOCATIONS, dirtyLocations, () => Promise.resolve([]));
  }

  function awaitSilences(rows: readonly AlertedDevice[]): void {
    const now = performance.now();
    for (const row of rows) {
      const inMs = rules.flatMap((rule) => assessDevice(rule, row)?.raisedInMs ?? []);
      silences.set(row.id, inMs.length === 0 ? undefined : now + Math.max(TIME_INTERVAL_MS, Math.min(...inMs)));
    }
  }

  /** Marks the subjects with this name. */
  function markSubjects(subjects: readonly string[]): void {
    for (const subject of subjects) {
      const [prefix, id] = splitSubject(subject);
      if (prefix === STOCK.prefix) dirty.stock.add([Number(id)]);
      else if (prefix === VEHICLES.prefix) dirty.vehicles.add([Number(id)]);
      else if (prefix === SHIPMENTS.prefix) dirty.shipments.add([Number(id)]);
      else if (prefix === devices.prefix) dirty.devices.add([id]);
      else if (prefix === TRIP_STOPS.prefix) trips.stops.add([id]);
      else if (prefix === LOCATIONS.prefix) dirtyLocations.add([Number(id)]);
    }
  }

  /** Marks all that a rule has found: what is gone since is in no list of what exists. */
  async function assessConditions(): Promise<void> {
    for (let page = await conditionSubjects(pool, "", BATCH_SIZE); page.length > 0;) {
      markSubjects(page);
      page = page.length < BATCH_SIZE ? [] : await conditionSubjects(pool, page.at(-1)!, BATCH_SIZE);
    }
  }

  async function assessByTime(): Promise<void> {
    if (performance.now() < nextTimeMs) return;
    // Holds end at times of the clock of before: they are counted anew.
    const wasClockSet = clock.sinceStepMs() < sinceStepMs;
    sinceStepMs = clock.sinceStepMs();
    if (wasClockSet) await assessConditions();
    markSubjects(await dueSubjects(pool, BATCH_SIZE));
    await wakeSnoozedAlerts(pool);
    nextTimeMs = performance.now() + TIME_INTERVAL_MS;
  }

  async function assessSources(): Promise<void> {
    const limits = rules.flatMap((rule) => (rule.type === "quarantine_rising" ? [rule.params.per_hour] : []));
    if (limits.length === 0) return;
    const atLeast = Math.min(...limits);
    for (let page = await sourcesToAssess(pool, atLeast, "", BATCH_SIZE); page.length > 0;) {
      await assessSubjects(pool, rules, SOURCES, page);
      page = page.length < BATCH_SIZE ? [] : await sourcesToAssess(pool, atLeast, page.at(-1)!, BATCH_SIZE);
    }
  }

  async function assessIntegrations(): Promise<void> {
    if (isNeeded(INTEGRATIONS)) await assessSubjects(pool, rules, INTEGRATIONS, await integrationsToAssess(pool));
  }

  const assessStock = (): Promise<void> =>
    assessDirty(
      STOCK,
      dirty.stock,
      (since, after = 0) => stockToAssess(pool, since, after, BATCH_SIZE),
      (rows) => capacityPlaces.markStock(rows.map(({ locationId }) => locationId)),
    );

  async function assessVehicles(): Promise<void> {
    if (isNeeded(VEHICLES))
      await assessDirty(VEHICLES, dirty.vehicles, (_, after = 0) => vehiclesToAssess(pool, after, BATCH_SIZE));
  }

  async function assessShipments(): Promise<void> {
    if (!isNeeded(SHIPMENTS)) return;
    await assessDirty(SHIPMENTS, dirty.shipments, (since, after = 0) =>
      shipmentsToAssess(pool, since, after, BATCH_SIZE),
    );
  }

  const loop = startLanes(
    {
      // Of stock people hear within two seconds, whatever else there is to assess.
      alert: async () => {
        if (areRulesCurrent === undefined) return;
        if (!areRulesCurrent) await readRules();
        await assessByTime();
        await turns.run("stock", assessStock);
        await turns.run("places", () => capacityPlaces.update());
        await turns.run("capacity", assessLocations, TENTH);
      },
      "alert of vehicles": async () => {
        await turns.run("vehicles", assessVehicles);
        await turns.run("shipments", assessShipments);
        await turns.run("sources", assessSources, { ...TENTH, atLeastMs: TIME_INTERVAL_MS });
        await turns.run("devices", assessDevices, TENTH);
        await turns.run("integrations", assessIntegrations, { atLeastMs: INTEGRATIONS_MS });
      },
      "alert of trips": () => turns.run("trips", () => trips.run(() => rules), TENTH),
    },
    log,
    INTERVAL_MS,
  );
  return {
    ...loop,
    failing: () => turns.failing(),
    async close() {
      feed.close();
      capacityPlaces.close();
      await loop.close();
    },
  };
}
