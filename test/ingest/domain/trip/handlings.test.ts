import { expect, test } from "vitest";
import { handlingsOf } from "../../../../ingest/domain/trip/handlings.ts";
import { HUB, PLANT, SHOP } from "../shipment-facts.ts";
import { DOCK, MARKET, places } from "./trip-facts.ts";

const stopsOf = (...stops: [locationId: number, ...shipmentIds: number[]][]) =>
  stops.map(([locationId, ...shipmentIds]) => ({ locationId, shipmentIds }));
const goods = (fromId: number | null, destinationId: number | null = SHOP, isAboard = false) => [
  { id: 1, fromId, destinationId, isAboard, planned: [] },
];

test.each([
  ["named at two stops", stopsOf([HUB, 1], [SHOP], [MARKET, 1]), goods(PLANT), ["1 load", "3 unload"]],
  ["named where it is", stopsOf([HUB, 1], [MARKET], [SHOP]), goods(HUB), ["1 load", "3 unload"]],
  [
    "named where it is, on a trip that does not go to its destination",
    stopsOf([HUB, 1], [MARKET]),
    goods(HUB),
    ["1 load"],
  ],
  ["named at its destination", stopsOf([HUB], [SHOP, 1]), goods(HUB), ["1 load", "2 unload"]],
  ["named at its destination, from where no stop is", stopsOf([HUB], [SHOP, 1]), goods(PLANT), ["2 unload"]],
  ["named where it changes vehicles", stopsOf([HUB], [MARKET, 1]), goods(HUB), ["1 load", "2 unload"]],
  ["at a dock of the stop", stopsOf([HUB, 1], [SHOP]), goods(DOCK), ["1 load", "2 unload"]],
  ["to be brought to the first stop", stopsOf([HUB, 1], [MARKET]), goods(PLANT), ["1 load"]],
  ["on another vehicle, which comes to the first stop", stopsOf([HUB, 1], [SHOP]), goods(null), ["1 load", "2 unload"]],
  ["to be brought to a stop on the way", stopsOf([HUB], [MARKET, 1], [SHOP]), goods(PLANT), ["2 load", "3 unload"]],
  ["to be brought somewhere, for somewhere else", stopsOf([HUB], [MARKET, 1]), goods(PLANT), ["2 unload"]],
  ["aboard, loaded at the first stop", stopsOf([HUB, 1], [MARKET]), goods(HUB, SHOP, true), ["1 load"]],
  ["aboard, loaded where no stop is", stopsOf([HUB, 1], [MARKET]), goods(PLANT, SHOP, true), ["1 unload"]],
  ["aboard, named on the way", stopsOf([HUB], [MARKET, 1], [SHOP]), goods(HUB, SHOP, true), ["1 load", "2 unload"]],
  ["at the only stop", stopsOf([MARKET, 1]), goods(null), ["1 unload"]],
  ["not named", stopsOf([HUB], [SHOP]), goods(HUB), []],
])("a shipment %s", (_, stops, shipments, expected) => {
  const handlings = handlingsOf(stops, shipments, places);
  expect(handlings.map(({ sequence, action }) => `${sequence} ${action}`)).toEqual(expected);
});

const LOADED_AT_HUB = [
  { locationId: HUB, action: "load" as const },
  { locationId: MARKET, action: "unload" as const },
];

test.each([
  ["where it was loaded", stopsOf([HUB, 1], [MARKET], [SHOP]), LOADED_AT_HUB, MARKET, ["1 load", "3 unload"]],
  ["where it was unloaded", stopsOf([HUB], [MARKET, 1], [SHOP]), LOADED_AT_HUB, MARKET, ["1 load", "2 unload"]],
  [
    "where it was to be unloaded first",
    stopsOf([HUB, 1], [MARKET]),
    [{ locationId: HUB, action: "unload" as const }],
    HUB,
    ["1 unload"],
  ],
])(
  "a plan that is changed under way keeps what was planned of a shipment that is named %s",
  (_, stops, planned, fromId, expected) => {
    const handlings = handlingsOf(stops, [{ id: 1, fromId, destinationId: SHOP, isAboard: false, planned }], places);
    expect(handlings.map(({ sequence, action }) => `${sequence} ${action}`)).toEqual(expected);
  },
);
