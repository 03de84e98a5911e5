import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewFact } from "../../../../ingest/domain/fact.ts";
import { verifyTrip } from "../../../../ingest/domain/trip/verification.ts";
import type { StopToVerify, TripEvidence, Unit, VerifiedHandling } from "../../../../ingest/domain/trip/verified.ts";
import { at, HUB, leaning, pass, readOnVehicle, SHOP } from "../shipment-facts.ts";
import { MARKET } from "./trip-facts.ts";

const ms = (minute: number) => minute * 60_000;
const unit = (shipmentId: number, epc: string | null, sscc: string | null = null): Unit => ({
  shipmentId,
  sscc,
  tags: epc === null ? [] : [{ epc, since: null, until: null }],
});
const stop = (
  locationId: number,
  [from, to]: [number, number | null],
  { load = [] as number[], unload = [] as number[] },
  nextArrival = Infinity,
): StopToVerify => ({
  locationIds: new Set([locationId]),
  during: { from: ms(from), to: ms(to ?? from + 720) },
  hasLeft: to !== null,
  nextArrival: nextArrival === Infinity ? Infinity : ms(nextArrival),
  isSkipped: false,
  load: new Set(load),
  unload: new Set(unload),
});
const HUB_STOP = stop(HUB, [100, 130], { load: [1, 2] }, 160);
const STOPS = [HUB_STOP, stop(SHOP, [160, 180], { unload: [1] }, 200), stop(MARKET, [200, 220], { unload: [2] })];
const UNITS = [unit(1, "a"), unit(1, "b"), unit(2, "c"), unit(3, "x")];

const namesOf = ({ read, missing, extra }: VerifiedHandling) => ({
  read: read.map(({ epc, sscc, shipmentId }) => epc ?? sscc ?? `shipment ${shipmentId}`),
  missing: missing.map(({ epc, sscc, shipmentId }) => epc ?? sscc ?? `shipment ${shipmentId}`),
  extra: extra.map(({ epc, sscc, shipmentId }) => epc ?? sscc ?? `shipment ${shipmentId}`),
});
const verify = (facts: NewFact[], more: Partial<TripEvidence> = {}, stops = STOPS) =>
  verifyTrip(stops, { vehicleId: 9, units: UNITS, facts, onVehicles: [], ...more }).map(({ load, unload }) => ({
    load: namesOf(load),
    unload: namesOf(unload),
  }));

const out = (minute: number, tag: string) => pass(minute, HUB, "out", tag);
const into = (minute: number, place: number, tag: string) => pass(minute, place, "in", tag);
const right = [
  out(110, "a"),
  out(112, "b"),
  out(114, "c"),
  into(165, SHOP, "a"),
  into(166, SHOP, "b"),
  into(205, MARKET, "c"),
];
/** gone at `to`, by the reader aboard, which heard it from `from` on */
const aboard = (tag: string, from: number, to: number): NewFact[] => [
  readOnVehicle(from, "seen", tag),
  at(to + 1, "gone", { locationId: null, vehicleId: 9, since: ms(from), last: ms(to) }, `tag:${tag}`),
];
const nothing = { read: [], missing: [], extra: [] };

describe("the load of a trip", () => {
  test("is verified by the passes through the gates of its stops", () => {
    expect(verify(right)).toEqual([
      { load: { read: ["a", "b", "c"], missing: [], extra: [] }, unload: nothing },
      { load: nothing, unload: { read: ["a", "b"], missing: [], extra: [] } },
      { load: nothing, unload: { read: ["c"], missing: [], extra: [] } },
    ]);
  });

  test("names what is missing: at the stop where it was not loaded, and where it does not come in", () => {
    const [hub, shop] = verify(right.filter(({ subject }) => subject !== "tag:b"));
    expect(hub!.load).toEqual({ read: ["a", "c"], missing: ["b"], extra: [] });
    expect(shop!.unload).toEqual({ read: ["a"], missing: ["b"], extra: [] });
  });

  test("nothing is missing before the vehicle leaves", () => {
    const loading = [stop(HUB, [100, null], { load: [1, 2] })];
    expect(verify([out(110, "a")], {}, loading)[0]!.load).toEqual({ read: ["a"], missing: [], extra: [] });
  });

  test("names what is extra: of other shipments, and of none", () => {
    const [hub] = verify([...right, out(115, "x"), out(116, "nobody's")]);
    expect(hub!.load.extra).toEqual(["x", "nobody's"]);
  });

  test("what was brought back in before the departure is not loaded", () => {
    const [hub] = verify([...right, into(120, HUB, "c"), out(115, "x"), into(121, HUB, "x")]);
    expect(hub!.load).toEqual({ read: ["a", "b"], missing: ["c"], extra: [] });
  });

  test("what another vehicle took at the same gate is not extra", () => {
    const onVehicles = [{ shipmentId: 3, vehicleId: 5, from: ms(116), to: null }];
    expect(verify([...right, out(115, "x")], { onVehicles })[0]!.load.extra).toEqual([]);
  });

  test("what is planned and another vehicle took is missing, also when it went out through the same gate", () => {
    const onVehicles = [
      { shipmentId: 2, vehicleId: 5, from: ms(116), to: ms(150) },
      { shipmentId: 1, vehicleId: 9, from: ms(112), to: ms(165) },
      { shipmentId: 1, vehicleId: 5, from: ms(168), to: null },
    ];
    expect(verify(right, { onVehicles })[0]!.load).toEqual({ read: ["a", "b"], missing: ["c"], extra: [] });
  });

  test("what another vehicle took before this one came is not extra, also when it was said long before it went out", () => {
    const onVehicles = [{ shipmentId: 3, vehicleId: 5, from: ms(95), to: null }];
    expect(verify([...right, out(99, "x")], { onVehicles })[0]!.load.extra).toEqual([]);
  });

  test("what another vehicle brings while this one stands there is loaded, with a read and by a word alone", () => {
    const onVehicles = [
      { shipmentId: 2, vehicleId: 5, from: ms(101), to: ms(111) },
      { shipmentId: 2, vehicleId: 9, from: ms(114), to: ms(205) },
      { shipmentId: 1, vehicleId: 9, from: ms(112), to: ms(165) },
    ];
    expect(verify(right, { onVehicles })[0]!.load).toEqual({ read: ["a", "b", "c"], missing: [], extra: [] });
    const units = [unit(1, "a"), unit(2, null)];
    const word = at(114, "loaded", { vehicleId: 9, locationId: HUB }, "shipment:2");
    expect(verify([out(110, "a"), word], { units, onVehicles })[0]!.load.read).toEqual(["a", "shipment 2"]);
  });

  test("a tag that belongs to the vehicle is not extra: it was there first, or came with it", () => {
    const readersSince = new Map([["reader", ms(105)]]);
    const heard = (from: number, to: number) =>
      aboard("test tag", from, to).map((fact) => ({ ...fact, deviceId: "reader", key: `${fact.key} ${from}` }));
    expect(verify([...right, ...heard(105, 400)], { readersSince })[0]!.load.extra).toEqual([]);
    expect(verify([...right, ...heard(110, 400)], { readersSince })[0]!.load.extra).toEqual(["test tag"]);
    expect(verify([...right, ...heard(50, 99), ...heard(110, 400)])[0]!.load.extra).toEqual([]);
    expect(verify([...right, ...heard(50, 90), ...heard(110, 400)])[0]!.load.extra).toEqual(["test tag"]);
  });

  test("what the driver enters on the road was loaded at the stop before", () => {
    const entered = at(140, "loaded", { vehicleId: 9, locationId: null }, "shipment:2");
    const units = [unit(1, "a"), unit(2, null)];
    expect(verify([out(110, "a"), entered], { units })[0]!.load.missing).toEqual([]);
    const onVehicles = [{ shipmentId: 7, vehicleId: 9, from: ms(140), to: null }];
    expect(verify(right, { onVehicles })[0]!.load.extra).toEqual(["shipment 7"]);
  });

  test("what went through the gate at other times is not of this trip", () => {
    expect(verify([...right, out(90, "x"), out(140, "x")])[0]!.load.extra).toEqual([]);
  });

  test("is verified by the reader aboard, which hears what stands beside the vehicle too", () => {
    const facts = [
      ...aboard("a", 110, 165),
      ...aboard("b", 111, 128),
      ...aboard("x", 112, 300),
      ...aboard("y", 113, 125),
    ];
    const [hub, shop, market] = verify(facts);
    expect(hub!.load).toEqual({ read: ["a"], missing: ["b", "c"], extra: ["x"] });
    expect(shop!.unload).toEqual({ read: ["a"], missing: ["b"], extra: [] });
    expect(market!.load.extra).toEqual([]);
  });

  test("what is loaded at the last stop is for another trip", () => {
    const next = out(210, "x");
    expect(
      verify([...right, { ...next, data: { ...next.data, locationId: MARKET } } as NewFact])[2]!.load.extra,
    ).toEqual([]);
  });

  test("what is unloaded at the wrong stop is extra there and missing at its own", () => {
    const wrong = [...right.slice(0, 5), into(167, SHOP, "c")];
    const [, shop, market] = verify(wrong);
    expect(shop!.unload).toEqual({ read: ["a", "b"], missing: [], extra: ["c"] });
    expect(market!.unload.missing).toEqual(["c"]);
  });

  test("what comes in at a stop and was never aboard is none of the trip", () => {
    expect(verify([...right, into(168, SHOP, "x")])[1]!.unload.extra).toEqual([]);
  });

  test("a pass whose direction nobody can say counts as read", () => {
    const unsure = [...right.filter(({ subject }) => subject !== "tag:c"), pass(114, HUB, "unknown", "c")];
    expect(verify(unsure)[0]!.load.read).toContain("c");
    const back = { ...leaning(114, HUB, "in"), subject: "tag:c" as const };
    expect(verify([...right.filter(({ subject }) => subject !== "tag:c"), back])[0]!.load.missing).toEqual(["c"]);
  });

  test("a scan verifies its unit; a person's word counts where nothing is read, and for units without a tag", () => {
    const sscc = "012345678901234560";
    const units = [unit(1, "a"), unit(1, "b", sscc), unit(2, null)];
    const booked = [1, 2].map((id) => at(110, "loaded", { vehicleId: 9, locationId: HUB }, `shipment:${id}`));
    const scan = at(111, "scanned", { action: "load", locationId: HUB, vehicleId: 9, code: `00${sscc}` }, "shipment:1");
    expect(verify(booked, { units })[0]!.load).toEqual({ read: ["a", "b", "shipment 2"], missing: [], extra: [] });
    expect(verify([...booked, out(112, "a")], { units })[0]!.load).toEqual({
      read: ["a", "shipment 2"],
      missing: ["b"],
      extra: [],
    });
    expect(verify([scan], { units })[0]!.load).toEqual({ read: ["b"], missing: ["a", "shipment 2"], extra: [] });
  });

  test("a person's word counts for the only unit of a shipment, which the gate has missed", () => {
    const word = [1, 2].map((id) => at(110, "loaded", { vehicleId: 9, locationId: HUB }, `shipment:${id}`));
    expect(verify([out(110, "a"), ...word])[0]!.load).toEqual({ read: ["a", "c"], missing: ["b"], extra: [] });
  });

  test("a shipment that is on the vehicle by all that is known, and on no stop's list, is extra as a whole", () => {
    const onVehicles = [
      { shipmentId: 1, vehicleId: 9, from: ms(112), to: ms(165) },
      { shipmentId: 7, vehicleId: 9, from: ms(113), to: ms(170) },
    ];
    const [hub, shop] = verify(right, { onVehicles });
    expect(hub!.load.extra).toEqual(["shipment 7"]);
    expect(shop!.unload.extra).toEqual(["shipment 7"]);
  });

  test("what is to be unloaded later is not extra where it is loaded, if nobody has said where that is", () => {
    const unsaid = STOPS.map((each) => ({ ...each, load: new Set<number>() }));
    expect(verify(right, {}, unsaid)[0]!.load.extra).toEqual([]);
  });

  test("what the vehicle brings to the first stop is of the trip before, and not extra", () => {
    const onVehicles = [{ shipmentId: 7, vehicleId: 9, from: ms(20), to: ms(103) }];
    const brought = [...aboard("x", 20, 104), into(104, HUB, "x")];
    expect(verify([...right, ...brought], { onVehicles })[0]!.unload.extra).toEqual([]);
    // At the only stop, and where something is to be unloaded, it is.
    const [first] = verify(brought, { onVehicles }, [{ ...HUB_STOP, unload: new Set([3]) }, STOPS[1]!]);
    expect(first!.unload.extra).toContain("shipment 7");
    expect(verify(brought, { onVehicles }, [HUB_STOP])[0]!.unload.extra).toContain("shipment 7");
  });

  test("at a stop that was skipped everything is missing", () => {
    const skipped: StopToVerify = { ...STOPS[1]!, during: null, hasLeft: false, isSkipped: true };
    expect(verify(right, {}, [HUB_STOP, skipped])[1]!.unload).toEqual({ read: [], missing: ["a", "b"], extra: [] });
  });

  test("is the same in any order of the facts", () => {
    const facts = [...right, out(115, "x"), into(120, HUB, "c"), ...aboard("y", 112, 300), ...aboard("a", 110, 165)];
    const expected = verify(facts);
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(verify(shuffled)).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});
