import type { NewFact } from "../fact.ts";
import { cardName } from "../vehicle/card-name.ts";

/*
 * Who drove the vehicle that carried the goods:
 *
 * 1. Who had signed on at the vehicle last, as its reader or a scan of the card tells. Who is told of again has signed on when that was
 *    told first.
 * 2. Else who was planned to drive the trip that loads or unloads the shipment. The plan counts from half a day before the trip until
 *    half a day after it. A driver who was replaced on the way drove until then.
 */

/** Of a person without a row of their own the name alone; of a token that nobody has, `cardName`. */
export interface CustodyDriver {
  driver_id: number | null;
  name: string;
  basis: "signed_on" | "planned";
}

/** A trip of a vehicle, and who drives it until when (ms; null: to its end). Times in epoch milliseconds. */
export interface PlannedDrivers {
  tripId: number;
  vehicleId: number;
  from: number;
  to: number;
  drivers: readonly { until: number | null; id: number | null; name: string | null }[];
}

/** The drivers that have these tokens. */
export type DriversByToken = ReadonlyMap<string, { id: number; name: string }>;

/** From `at` on this driver drives the vehicle. */
export interface DriverChange {
  key: string;
  vehicleId: number;
  at: number;
  driver: CustodyDriver | null;
  /** undefined: a person has changed the plan */
  fact: NewFact | undefined;
}

const AROUND_PLAN_MS = 12 * 3_600_000;

/** What is known of the drivers of some vehicles. */
export class VehicleDrivers {
  /** in the order of time */
  readonly #signedOn: readonly DriverChange[];
  readonly #plans: readonly PlannedDrivers[];

  /** @param facts of a shipment and its vehicles, in any order */
  constructor(facts: Iterable<NewFact>, plans: readonly PlannedDrivers[], byToken: DriversByToken) {
    const changes: DriverChange[] = [];
    for (const fact of facts) {
      if (fact.type !== "driver_signed_on") continue;
      const { token } = fact.data;
      const known = byToken.get(token);
      const driver = {
        driver_id: known?.id ?? null,
        name: known?.name ?? cardName(token),
        basis: "signed_on" as const,
      };
      const vehicleId = Number(fact.subject.slice("vehicle:".length));
      changes.push({ key: `${fact.key} driver_changed`, vehicleId, at: fact.at, driver, fact });
    }
    changes.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    this.#signedOn = inForce(changes);
    // Who takes over a trip that is late drives it from then on.
    this.#plans = plans.map((plan) => ({
      ...plan,
      to: Math.max(plan.to, ...plan.drivers.map(({ until }) => until ?? plan.to)),
    }));
  }

  at(vehicleId: number, at: number): CustodyDriver | null {
    const last = this.#signedOn.findLast((change) => change.vehicleId === vehicleId && change.at <= at);
    return last?.driver ?? this.#plannedAt(vehicleId, at);
  }

  /** The times after `from` and before `to` at which somebody else may drive. */
  changesBetween(vehicleId: number, from: number, to: number): DriverChange[] {
    const isWithin = (at: number): boolean => at > from && at < to;
    const planned = this.#plans
      .filter((plan) => plan.vehicleId === vehicleId)
      .flatMap(({ tripId, drivers }) => drivers.flatMap(({ until }) => (until === null ? [] : [{ tripId, until }])))
      .map(({ tripId, until: at }): DriverChange => {
        const driver = this.at(vehicleId, at);
        return { key: `trip:${tripId}:driver:${at} driver_changed`, vehicleId, at, driver, fact: undefined };
      });
    const all = [...planned, ...this.#signedOn.filter((change) => change.vehicleId === vehicleId)];
    return all.filter(({ at }) => isWithin(at)).sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }

  #plannedAt(vehicleId: number, at: number): CustodyDriver | null {
    const plan = this.#plans
      .filter((one) => one.vehicleId === vehicleId && at >= one.from - AROUND_PLAN_MS && at <= one.to + AROUND_PLAN_MS)
      .toSorted((a, b) => distance(a, at) - distance(b, at) || a.tripId - b.tripId)[0];
    const driver = plan?.drivers.find(({ until }) => until === null || at < until);
    if (driver === undefined || driver.name === null) return null;
    return { driver_id: driver.id, name: driver.name, basis: "planned" };
  }
}

/** With the driver of whoever has signed on last: what is told again outdoes nobody who has signed on since. @param changes in the order of time */
function inForce(changes: readonly DriverChange[]): DriverChange[] {
  const last = new Map<number, { signedOnAt: number; driver: CustodyDriver | null }>();
  return changes.map((change) => {
    const signedOnAt = change.fact?.type === "driver_signed_on" ? (change.fact.data.since ?? change.at) : change.at;
    const known = last.get(change.vehicleId);
    if (known !== undefined && signedOnAt < known.signedOnAt) return { ...change, driver: known.driver };
    last.set(change.vehicleId, { signedOnAt, driver: change.driver });
    return change;
  });
}

const distance = ({ from, to }: PlannedDrivers, at: number): number => Math.max(0, from - at, at - to);

/** Whether these are the same person, known in the same way; what a person is called may change. */
export function isSameDriver(a: CustodyDriver | null, b: CustodyDriver | null): boolean {
  return driverKey(a) === driverKey(b);
}

/** @returns undefined: nobody knows */
export function driverKey(driver: CustodyDriver | null | undefined): string | undefined {
  if (!driver) return undefined;
  const { basis, driver_id: id, name } = driver;
  // Entries of older versions have the token.
  return `${basis} ${id ?? `"${basis === "signed_on" ? cardName(name) : name}"`}`;
}
