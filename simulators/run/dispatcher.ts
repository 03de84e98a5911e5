import type { Logger } from "pino";
import { type ApiClient, ApiProblem } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import type { PlannedLoad } from "../score/verification-score.ts";
import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";
import { driverOf, DRIVERS } from "../world/drivers.ts";
import type { Truck } from "../world/truck.ts";
import type { World } from "../world/world.ts";
import type { Operator } from "./operator.ts";

/**
 * Simulates the people who plan trips: one from each loading site to the unloading site, planned when the truck comes to be loaded. When it
 * drives off, the plan names what it was to carry. Every second plan errs: a pallet that was loaded is not on it, or one is
 * that was left in the yard.
 */
export interface Dispatcher {
  record(event: WorldEvent): void;
  /** Resolves when every plan is made or was refused. */
  drain(): Promise<void>;
  /** plans that the platform holds, with what was planted in them */
  loads: readonly PlannedLoad[];
}

const MINUTE_MS = 60_000;
/** Trucks stop on the road, and are slow in towns: of the cruising speed so much is planned. */
const PLANNED_SPEED = 0.75;

interface Plan {
  id: number;
  endsAt: number;
}

/** @param api must retry when the platform cannot answer now */
export async function createDispatcher(
  api: ApiClient,
  {
    world,
    provisioned,
    operator,
    log,
  }: { world: World; provisioned: ProvisionedWorld; operator: Operator; log: Logger },
): Promise<Dispatcher> {
  await addDrivers(api);
  const trucks = new Map(world.trucks.map((truck) => [truck.name, truck]));
  const plans = new Map<string, Plan>();
  const work = new Map<string, Promise<void>>();
  const loads: PlannedLoad[] = [];
  let trips = 0;

  const stopsOf = ({ ends, lanes, driver }: Truck, leavesAt: number) => {
    const arrivesAt = leavesAt + (lanes[0].lengthM / (driver.cruiseMps * PLANNED_SPEED)) * 1000;
    const stop = (site: Truck["ends"][number], at: number) => ({
      location_id: idOf(provisioned.locations, site.name),
      window: { from: iso(at - MINUTE_MS), to: iso(at + 2 * MINUTE_MS) },
    });
    return { stops: [stop(ends[0], leavesAt), stop(ends[1], arrivesAt)] as const, endsAt: arrivesAt + 2 * MINUTE_MS };
  };

  const plan = async (truck: Truck, expectedAt: number): Promise<void> => {
    // Two trips of one vehicle do not overlap: one that was planned too slow moves the next.
    const leavesAt = Math.max(expectedAt, (plans.get(truck.name)?.endsAt ?? 0) + MINUTE_MS);
    const { stops, endsAt } = stopsOf(truck, leavesAt);
    plans.delete(truck.name);
    const vehicle_id = idOf(provisioned.vehicles, truck.name);
    const driver = driverOf(world.trucks.indexOf(truck)).name;
    const { id } = await api.post<{ id: number }>("/trips", { vehicle_id, driver, stops });
    plans.set(truck.name, { id, endsAt });
  };

  /** @param cargo what it carries; `left`: what it could have carried and does not */
  const nameGoods = async (
    truck: Truck,
    cargo: readonly Pallet[],
    left: Pallet | undefined,
    at: number,
    nth: number,
  ) => {
    if (!plans.has(truck.name)) await plan(truck, at);
    const { id } = plans.get(truck.name)!;
    const booked: { pallet: Pallet; id: number }[] = [];
    for (const pallet of cargo) {
      const shipment = await operator.whenBooked(pallet);
      if (shipment !== undefined) booked.push({ pallet, id: shipment });
    }
    const extra = nth % 4 === 1 ? booked.slice(0, 1) : [];
    const missingId = nth % 4 === 3 && left ? await operator.whenBooked(left) : undefined;
    const planned = booked.filter((one) => !extra.includes(one));
    const { stops } = await api.get<{ stops: { location_id: number; window: { from: string; to: string } }[] }>(
      `/trips/${id}`,
    );
    const [from, to] = stops.map(({ location_id, window }) => ({ location_id, window }));
    const goods = [...planned.map((one) => one.id), ...(missingId === undefined ? [] : [missingId])];
    // What is meant for another place, and is put down on the way or by mistake, is only loaded by this plan.
    const unloaded = planned.filter(({ pallet }) => pallet.destination === truck.ends[1]).map((one) => one.id);
    await api.put(`/trips/${id}`, {
      stops: [
        { ...from, shipment_ids: goods },
        { ...to, shipment_ids: unloaded },
      ],
    });
    loads.push({ trip: id, extra: extra.map((one) => one.id), missing: missingId === undefined ? [] : [missingId] });
  };

  const enqueue = (truck: Truck, what: string, task: () => Promise<void>): void => {
    const done = (work.get(truck.name) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) => {
        // The platform is ahead of the dispatcher: the goods are delivered, or the trip is over. Then the trip stays as it is.
        const isTooLate = error instanceof ApiProblem && error.status === 409;
        log[isTooLate ? "debug" : "error"]({ err: error, truck: truck.name, what }, "trip not planned");
      })
      .finally(() => {
        if (work.get(truck.name) === done) work.delete(truck.name);
      });
    work.set(truck.name, done);
  };

  return {
    loads,
    record(event) {
      if (event.type !== "truck-reached" && event.type !== "truck-left") return;
      const truck = trucks.get(event.truck);
      if (truck === undefined || truck.handling === null || event.site !== truck.ends[0]) return;
      const { at } = event;
      if (event.type === "truck-reached") return enqueue(truck, "plan", () => plan(truck, at + truck.driver.dwellMs));
      const cargo = [...truck.cargo];
      const left = world.pallets.find((pallet) => isLeft(pallet, truck, cargo));
      const nth = (trips += 1);
      enqueue(truck, "goods", () => nameGoods(truck, cargo, left, at, nth));
    },
    async drain() {
      while (work.size > 0) await Promise.all(work.values());
    },
  };
}

/** It waits where the truck was loaded, for where the truck goes. */
function isLeft(pallet: Pallet, truck: Truck, cargo: readonly Pallet[]): boolean {
  const { whereabouts, delivered, destination } = pallet;
  if (delivered || cargo.includes(pallet) || destination !== truck.ends[1]) return false;
  return "site" in whereabouts && whereabouts.site === truck.ends[0];
}

async function addDrivers(api: ApiClient): Promise<void> {
  const known = new Set((await api.list<{ name: string }>("/drivers")).map(({ name }) => name));
  for (const { name, card } of DRIVERS) if (!known.has(name)) await api.post("/drivers", { name, token: card });
}

const iso = (ms: number): string => new Date(ms).toISOString();
