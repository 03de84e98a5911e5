import { describe, expect, test } from "vitest";
import { foldShipment } from "../../../../ingest/domain/shipment/shipment.ts";
import type { PlannedHandling } from "../../../../ingest/domain/shipment/state.ts";
import { created, HUB, loaded, PLANT, SHOP, truck, underWay, unloaded } from "../shipment-facts.ts";
import { DOCK, MARKET, places } from "./trip-facts.ts";

const hour = 3_600_000;
const planned = (
  locationId: number,
  action: "load" | "unload",
  { vehicleId = 9, from = 0, to = hour } = {},
): PlannedHandling => ({ vehicleId, locationId, action, from, to });
const statusOf = (facts: Parameters<typeof foldShipment>[0], plannedStops: PlannedHandling[]) =>
  foldShipment(facts, { destinationId: SHOP, places, plannedStops })?.state.status;

describe("a shipment and the trips that are planned for it", () => {
  const atMarket = [...underWay, truck(40, "arrived", MARKET), unloaded(45, MARKET)];

  test("put down at a stop of its trip it is no exception", () => {
    expect(statusOf(atMarket, [])).toBe("exception");
    expect(statusOf(atMarket, [planned(MARKET, "unload")])).toBe("in_storage");
    expect(statusOf(atMarket, [planned(MARKET, "load", { vehicleId: 5 })])).toBe("in_storage");
  });

  test("put down at a stop that is planned for other goods it is one", () => {
    expect(statusOf(atMarket, [planned(HUB, "load"), planned(SHOP, "unload")])).toBe("exception");
  });

  test("put down where the geofence around its stop is, it is at the stop", () => {
    const atHub = [created, loaded, truck(20, "departed", HUB), unloaded(45, PLANT)];
    expect(statusOf(atHub, [planned(PLANT, "unload")])).toBe("in_production");
    expect(statusOf([...underWay, unloaded(45, HUB)], [planned(DOCK, "unload")])).toBe("in_storage");
  });

  test("on the way to where it changes vehicles it is in transit, on the way to its shop out for delivery", () => {
    expect(statusOf(underWay, [])).toBe("out_for_delivery");
    expect(statusOf(underWay, [planned(HUB, "load"), planned(SHOP, "unload")])).toBe("out_for_delivery");
    expect(statusOf(underWay, [planned(HUB, "load"), planned(MARKET, "unload")])).toBe("in_transit");
    expect(statusOf(underWay, [planned(MARKET, "unload", { vehicleId: 5 })])).toBe("out_for_delivery");
  });

  test("of two trips of its vehicle the one nearer in time says where it goes", () => {
    const first = planned(MARKET, "unload");
    const second = planned(SHOP, "unload", { from: 3 * hour, to: 4 * hour });
    const again = [...atMarket, { ...loaded, key: "loaded:again", at: 3 * hour }, truck(190, "departed", MARKET)];
    for (const plannedStops of [
      [first, second],
      [second, first],
    ]) {
      expect(statusOf(underWay, plannedStops)).toBe("in_transit");
      expect(statusOf(again, plannedStops)).toBe("out_for_delivery");
    }
  });
});
