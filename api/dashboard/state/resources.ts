// The resources of the HTTP API as this page reads them: the types come from the OpenAPI document. Times are ISO 8601 UTC.
import type { Schemas } from "../../client/index.ts";

export type Location = Schemas["Location"];
/** Of a vehicle that only the stream has told of, no more is known. */
export type Vehicle = Pick<Schemas["Vehicle"], "id" | "name" | "plate" | "position">;
export type Shipment = Schemas["Shipment"];
export type ShipmentEvent = Schemas["ShipmentEvent"];
export type Movement = Schemas["Movement"];
export type InventoryItem = Schemas["InventoryItem"];
export type StockEvent = Pick<
  Schemas["StockEvent"],
  "id" | "at" | "type" | "source" | "quantity" | "lot" | "change" | "reason" | "device_id" | "actor_id"
>;
export type Device = Schemas["Device"];
export type DeviceQuality = Schemas["DeviceQuality"];
export type RefusedMessage = Schemas["Quarantined"];
export type BoundTag = Schemas["Tags"][number];
export type Alert = Schemas["Alert"];
export type AlertRule = Schemas["AlertRule"];
export type NotificationRule = Schemas["NotificationRule"];
export type NotificationDelivery = Schemas["NotificationDelivery"];
export type ErpConnection = Schemas["ErpConnection"];
export type NewErpConnection = Schemas["NewErpConnection"];
export type ErpState = Schemas["ErpState"];
export type ErpConflict = Schemas["ErpConflict"];
export type Webhook = Schemas["Webhook"];
export type WebhookDelivery = Schemas["WebhookDelivery"];
export type EpcisQuery = Schemas["EpcisQuery"];
export type EpcisSubscription = Schemas["EpcisSubscription"];
export type ReportSchedule = Schemas["ReportSchedule"];
export type Order = Schemas["Order"];
export type OrderLine = Order["lines"][number];
export type Trip = Schemas["Trip"];
export type TripStop = Trip["stops"][number];
export type PickList = Schemas["PickList"];
export type PickTask = PickList["tasks"][number];
export type Lot = Schemas["Lot"];
export type Serial = Schemas["Serial"];
export type SerialEvent = Schemas["SerialEvent"];
export type AssetType = Schemas["AssetType"];
export type AssetMovement = Schemas["AssetMovement"];
export type ImportSummary = Schemas["ImportSummary"];
export type EpcisCapture = Schemas["EpcisCapture"];
export type ImportReport = Schemas["ImportReport"];
export type AuditEntry = Schemas["AuditEntry"];

export type Stage = Shipment["stage"];
export const STAGES: readonly Stage[] = ["production", "storage", "transportation", "delivery"];
export type ShipmentStatus = Shipment["status"];
/** What may be wrong with a shipment. That it is late, its promise says. */
export type Risk = Exclude<Shipment["risks"][number], "late">;
/** In the order in which they are shown. A risk that is missing here does not compile. */
const ALL_RISKS: Record<Risk, true> = {
  excursion: true,
  off_route: true,
  unscheduled_stop: true,
  separation: true,
  light: true,
  shipment_silent: true,
};
export const RISKS = Object.keys(ALL_RISKS) as readonly Risk[];

export type Mount = NonNullable<Device["mount"]>;
type Fence = NonNullable<Location["geofence"]>;
export type Polygon = Extract<Fence, { type: "Polygon" }>;
export type MultiPolygon = Extract<Fence, { type: "MultiPolygon" }>;
export type Circle = Exclude<Fence, Polygon | MultiPolygon>;

export type Position = NonNullable<Vehicle["position"]>;
/** A position as the live stream tells it. */
export type VehiclePosition = Position & { vehicle_id: number; name: string };
export type Evidence = ShipmentEvent["evidence"][number];
export type Track = Schemas["Track"];
