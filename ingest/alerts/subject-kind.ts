import type { Pool, PoolClient } from "pg";
import { type AlertedDevice, assessDevice } from "../domain/alert/device.ts";
import type { Assessment } from "../domain/alert/condition.ts";
import { type AlertedLocation, assessCapacity } from "../domain/alert/location.ts";
import { type AlertedTripStop, assessLoad } from "../domain/alert/load-mismatch.ts";
import type { AlertedFact } from "../domain/alert/events.ts";
import { type AlertedIntegration, assessIntegration } from "../domain/alert/integration.ts";
import { type AlertedSource, assessQuarantine } from "../domain/alert/quarantine.ts";
import type { AlertRule, AlertType } from "../domain/alert/rule.ts";
import { assessStock } from "../domain/alert/stock.ts";
import { type AlertedShipment, assessRisk, excursionsOf, SHIPMENT_ALERT_TYPES } from "../domain/alert/shipment.ts";
import { assessLate } from "../domain/alert/shipment-late.ts";
import { type AlertedVehicle, assessDwell, assessSpeed, crossingsOf, harshDrivingOf } from "../domain/alert/vehicle.ts";
import { loadAlertedDevices } from "../stores/queries/alerts/devices.ts";
import { loadAlertedIntegrations } from "../stores/queries/alerts/integrations.ts";
import { loadAlertedLocations } from "../stores/queries/alerts/locations.ts";
import { loadAlertedSources } from "../stores/queries/alerts/quarantine.ts";
import { loadAlertedShipments } from "../stores/queries/alerts/shipments.ts";
import { type AlertedPosition, loadAlertedStock } from "../stores/queries/alerts/stock.ts";
import { loadAlertedVehicles } from "../stores/queries/alerts/vehicles.ts";
import { loadAlertedTripStops } from "../stores/queries/alerts/trip-stops.ts";
import type { AlertContent } from "../stores/queries/alerts/commit.ts";

/** What a rule makes of a subject: how it is, or what has happened. */
export type Finding = { assessment: Assessment | undefined } | { facts: readonly AlertedFact[] };

/** Where an alert stands, and whose it is. */
export type Target = Pick<AlertContent, "stockId" | "deviceId" | "vehicleId" | "shipmentId" | "tripId" | "locationId">;

/** One kind of subject: what rules can be about. */
export interface SubjectKind<Id extends string | number, Row> {
  /** before the id, in the name of the subject */
  prefix: string;
  types: readonly AlertType[];
  /** rows of the ids that still exist */
  load(db: Pool | PoolClient, ids: readonly Id[]): Promise<Row[]>;
  subjectOf(row: Row): string;
  targetOf(row: Row, finding: Readonly<Record<string, unknown>>): Target;
  find(rule: AlertRule, row: Row): Finding;
}

/** The prefix of a subject, and the id behind it. */
export function splitSubject(subject: string): [prefix: string, id: string] {
  const at = subject.indexOf(":");
  return [subject.slice(0, at), subject.slice(at + 1)];
}

const NOWHERE: Target = {
  stockId: null,
  deviceId: null,
  vehicleId: null,
  shipmentId: null,
  tripId: null,
  locationId: null,
};

export const STOCK: SubjectKind<number, AlertedPosition> = {
  prefix: "inventory_item",
  types: ["low_stock", "out_of_stock", "overstock", "unexplained_removal", "count_mismatch"],
  load: loadAlertedStock,
  subjectOf: ({ id }) => `inventory_item:${id}`,
  targetOf: ({ id, locationId }) => ({ ...NOWHERE, stockId: id, locationId }),
  find(rule, row) {
    if (rule.type !== "unexplained_removal") return { assessment: assessStock(rule, row) };
    const isHere = rule.locationIds === null || rule.locationIds.has(row.locationId);
    const { min_quantity } = rule.params;
    return { facts: isHere ? row.removals.filter(({ detail }) => Number(detail["quantity"]) >= min_quantity) : [] };
  },
};

/** @param silentMs how long nothing was received, given the receipt and up to when its node has committed; milliseconds */
export const devicesBy = (
  silentMs: (lastReceivedAt: number, reached: number) => number,
): SubjectKind<string, AlertedDevice> => ({
  prefix: "device",
  types: ["device_silent", "battery_low", "clock_off"],
  async load(db, ids) {
    const rows = await loadAlertedDevices(db, ids);
    return rows.map(({ reached, ...row }) => ({
      ...row,
      silentMs: row.lastReceivedAt === null ? 0 : silentMs(row.lastReceivedAt, reached),
    }));
  },
  subjectOf: ({ id }) => `device:${id}`,
  targetOf: ({ id, locationId }) => ({ ...NOWHERE, deviceId: id, locationId }),
  find: (rule, row) => ({ assessment: assessDevice(rule, row) }),
});

export const VEHICLES: SubjectKind<number, AlertedVehicle> = {
  prefix: "vehicle",
  types: ["geofence", "dwell", "overspeed", "harsh_driving"],
  load: loadAlertedVehicles,
  subjectOf: ({ id }) => `vehicle:${id}`,
  targetOf: ({ id }, { location_id }) => ({
    ...NOWHERE,
    vehicleId: id,
    locationId: typeof location_id === "number" ? location_id : null,
  }),
  find(rule, row) {
    const facts = crossingsOf(rule, row) ?? harshDrivingOf(rule, row);
    return facts === undefined ? { assessment: assessDwell(rule, row) ?? assessSpeed(rule, row) } : { facts };
  },
};

export const SHIPMENTS: SubjectKind<number, AlertedShipment> = {
  prefix: "shipment",
  types: SHIPMENT_ALERT_TYPES,
  load: loadAlertedShipments,
  subjectOf: ({ id }) => `shipment:${id}`,
  // On the way it is a matter of those who wait for it.
  targetOf: ({ id, locationId, destinationId }) => ({
    ...NOWHERE,
    shipmentId: id,
    locationId: locationId ?? destinationId,
  }),
  find(rule, row) {
    if (rule.type === "late") return { assessment: assessLate(rule, row) };
    const facts = excursionsOf(rule, row);
    return facts === undefined ? { assessment: assessRisk(rule, row) } : { facts };
  },
};

/** Stops of planned trips: `trip:12:stop:2`. */
export const TRIP_STOPS: SubjectKind<string, AlertedTripStop> = {
  prefix: "trip",
  types: ["load_mismatch"],
  load: loadAlertedTripStops,
  subjectOf: ({ tripId, sequence }) => `trip:${tripId}:stop:${sequence}`,
  targetOf: ({ tripId, locationId }) => ({ ...NOWHERE, tripId, locationId }),
  find: (rule, row) => ({ assessment: assessLoad(rule, row) }),
};

export const LOCATIONS: SubjectKind<number, AlertedLocation> = {
  prefix: "location",
  types: ["capacity"],
  load: loadAlertedLocations,
  subjectOf: ({ id }) => `location:${id}`,
  targetOf: ({ id }) => ({ ...NOWHERE, locationId: id }),
  find: (rule, row) => ({ assessment: assessCapacity(rule, row) }),
};

export const SOURCES: SubjectKind<string, AlertedSource> = {
  prefix: "quarantine",
  types: ["quarantine_rising"],
  load: loadAlertedSources,
  subjectOf: ({ deviceId }) => (deviceId === null ? "quarantine" : `device:${deviceId}`),
  targetOf: ({ deviceId }) => ({ ...NOWHERE, deviceId }),
  find: (rule, row) => ({ assessment: assessQuarantine(rule, row) }),
};

/** What tells other systems: webhooks, those who follow the log of events, and the relay. */
export const INTEGRATIONS: SubjectKind<string, AlertedIntegration> = {
  prefix: "integration",
  types: ["integration_failing"],
  load: loadAlertedIntegrations,
  subjectOf: ({ id }) => `integration:${id}`,
  targetOf: () => NOWHERE,
  find: (rule, row) => ({ assessment: assessIntegration(rule, row) }),
};
