import { expect, test } from "vitest";
import { notifies } from "../../../ingest/domain/alert/notifies.ts";
import { type AlertRule, type AlertType, DEFAULT_PARAMS } from "../../../ingest/domain/alert/rule.ts";
import {
  type AlertedShipment,
  assessRisk,
  excursionsOf,
  type ShipmentFact,
} from "../../../ingest/domain/alert/shipment.ts";

const MINUTE = 60_000;

function ruleOf(type: AlertType, params: object = {}, locations?: number[]): AlertRule {
  const locationIds = locations === undefined ? null : new Set(locations);
  const base = { id: 1, version: 1, severity: "warning", locationIds, createdAt: 0 };
  return { ...base, type, params: { ...DEFAULT_PARAMS[type], ...params } } as AlertRule;
}

function shipmentOf(facts: readonly Partial<ShipmentFact>[], more: Partial<AlertedShipment> = {}): AlertedShipment {
  const whole = facts.map((fact, index): ShipmentFact => ({
    ...{ id: index + 1, at: index * MINUTE, recordedAt: 1, late: false, isWithdrawn: false, detail: {} },
    ...{ type: "risk", kind: "off_route", since: 0, ...fact },
  }));
  const nothing = { p50: null, p90: null, positionAt: null, pastDueSince: null, basis: null, runs: null };
  const base = { id: 4, status: "in_transit", locationId: null, originId: 2, destinationId: 3 } as const;
  return { ...base, facts: whole, promise: { dueAt: null, now: 0, ...nothing }, ...more };
}

test("a risk is raised until its end is a fact, it is withdrawn, or the shipment is at its end", () => {
  const rule = ruleOf("off_route");
  expect(assessRisk(rule, shipmentOf([]))).toBeUndefined();
  expect(assessRisk(rule, shipmentOf([{}]))?.level).toBe("raised");
  expect(assessRisk(rule, shipmentOf([{}, { type: "risk_over" }]))?.level).toBe("clear");
  expect(assessRisk(rule, shipmentOf([{}, { type: "risk_over" }, {}]))?.level).toBe("raised");
  expect(assessRisk(rule, shipmentOf([{ isWithdrawn: true }]))).toBeUndefined();
  expect(assessRisk(rule, shipmentOf([{}, { type: "risk_over", isWithdrawn: true }]))?.level).toBe("raised");
  expect(assessRisk(rule, shipmentOf([{}], { status: "delivered" }))).toBeUndefined();
  expect(assessRisk(ruleOf("light"), shipmentOf([{}]))).toBeUndefined();
});

test("a rule asks for more metres, more light or more minutes", () => {
  const apart = shipmentOf([{ kind: "separation", detail: { metres: 700 } }]);
  expect(assessRisk(ruleOf("separation"), apart)?.level).toBe("raised");
  expect(assessRisk(ruleOf("separation", { metres: 800 }), apart)?.level).toBe("clear");
  const lit = shipmentOf([{ kind: "light", detail: { lux: 40 } }]);
  expect(assessRisk(ruleOf("light", { lux: 50 }), lit)?.level).toBe("clear");
  const stands = shipmentOf([{ kind: "unscheduled_stop", since: 5 * MINUTE }]);
  expect(assessRisk(ruleOf("unscheduled_stop", { minutes: 30 }), stands)).toMatchObject({
    since: 5 * MINUTE,
    holdMs: 30 * MINUTE,
  });
});

test("each excursion counts, wherever the shipment is by now; a rule of a place is about what is there, comes from there or goes there", () => {
  const shipment = shipmentOf([{ type: "excursion", kind: null }, { type: "risk" }, { type: "excursion", kind: null }]);
  expect(excursionsOf(ruleOf("excursion"), shipment)).toHaveLength(2);
  expect(excursionsOf(ruleOf("excursion", {}, [3]), { ...shipment, status: "delivered" })).toHaveLength(2);
  expect(excursionsOf(ruleOf("excursion", {}, [2]), shipment)).toHaveLength(2);
  expect(excursionsOf(ruleOf("excursion", {}, [9]), shipment)).toEqual([]);
  expect(excursionsOf(ruleOf("off_route"), shipment)).toBeUndefined();
});

test("late data pages people of an excursion, and of no risk that is over", () => {
  expect(notifies("excursion", true)).toBe(true);
  for (const type of ["off_route", "unscheduled_stop", "separation", "light", "shipment_silent"] as const)
    expect([notifies(type, true), notifies(type, false)]).toEqual([false, true]);
});
