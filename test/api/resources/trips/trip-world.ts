import type { FactData, FactType, NewFact } from "../../../../ingest/domain/fact.ts";
import { inTransaction, recordFacts } from "../../../../ingest/decisions/record-facts.ts";
import type { Schemas } from "../../../../api/client/index.ts";
import { startApi, type TestApi, type TestResponse } from "../../support.ts";

/** A trip as the API answers. */
export type TripBody = Schemas["Trip"];

type Call = Awaited<ReturnType<TestApi["as"]>>;

/** A hub with a dock, two shops, two trucks, and facts as a state worker would record them. */
export interface TripWorld {
  api: TestApi;
  manager: Call;
  places: Record<"hub" | "dock" | "shop" | "market", number>;
  trucks: [number, number];
  close(): Promise<void>;
  /** a time of the day of the trips */
  time(clock: string): string;
  /** A stop with a window, e.g. `stop("hub", "08:00-08:30", 1, 2)`. */
  stop(place: keyof TripWorld["places"], window: string, ...shipmentIds: number[]): object;
  shipment(destination?: keyof TripWorld["places"] | null, more?: object): Promise<number>;
  record<T extends FactType>(
    subject: NewFact["subject"],
    clock: string,
    type: T,
    data: FactData[T],
    more?: Partial<NewFact>,
  ): Promise<void>;
  /** The first truck is in a place. */
  stay(place: keyof TripWorld["places"], arrived: string, departed?: string): Promise<void>;
  trip(body: object): Promise<number>;
}

const DAY = "2026-03-02";
const square = (lat: number) => ({ lat, lon: 11, radius_m: 200 });

export async function openTripWorld(): Promise<TripWorld> {
  const api = await startApi();
  const manager = await api.as("manager");
  const idOf = ({ status, body }: TestResponse): number => {
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body["id"] as number;
  };
  const hub = idOf(await manager("POST /locations", { name: "Hub", stage: "storage", geofence: square(48) }));
  const places = {
    hub,
    dock: idOf(await manager("POST /locations", { name: "Dock 1", stage: "storage", parent_id: hub })),
    shop: idOf(await manager("POST /locations", { name: "Shop", stage: "delivery", geofence: square(48.2) })),
    market: idOf(await manager("POST /locations", { name: "Market", stage: "delivery", geofence: square(48.4) })),
  };
  const truck = async (name: string) => idOf(await manager("POST /vehicles", { name }));
  const trucks: [number, number] = [await truck("Truck 1"), await truck("Truck 2")];
  const time = (clock: string): string => `${DAY}T${clock}:00.000Z`;
  let serial = 0;
  const world: TripWorld = {
    api,
    manager,
    places,
    trucks,
    time,
    close: () => api.close(),
    stop(place, window, ...shipment_ids) {
      const [from, to] = window.split("-");
      return { location_id: places[place], window: { from: time(from!), to: time(to!) }, shipment_ids };
    },
    async shipment(destination = "shop", more = {}) {
      const body = { product_name: "goods", quantity: 1, location: hub, at: time("06:00"), ...more };
      return idOf(await manager("POST /shipments", { ...body, destination_id: destination && places[destination] }));
    },
    async record(subject, clock, type, data, more = {}) {
      serial += 1;
      const base = { key: `test:${serial}`, rule: "test", evidence: [], confidence: 0.95 };
      const fact = { ...base, subject, at: Date.parse(time(clock)), type, data, ...more } as unknown as NewFact;
      await inTransaction(api.db.pool, (client) => recordFacts(client, { facts: [fact] }));
    },
    async stay(place, arrived, departed) {
      const locationId = places[place];
      await world.record(`vehicle:${trucks[0]}`, arrived, "arrived", { locationId });
      if (departed) await world.record(`vehicle:${trucks[0]}`, departed, "departed", { locationId });
    },
    async trip(body) {
      return idOf(await manager("POST /trips", { vehicle_id: trucks[0], ...body }));
    },
  };
  return world;
}
