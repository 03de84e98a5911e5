// The resources of the HTTP API as this page reads them, with their JSON names. Times are ISO 8601 UTC.

export type Stage = "production" | "storage" | "transportation" | "delivery";
export const STAGES: readonly Stage[] = ["production", "storage", "transportation", "delivery"];

export type ShipmentStatus =
  | "in_production"
  | "in_storage"
  | "in_transit"
  | "out_for_delivery"
  | "arrived"
  | "delivered"
  | "returned"
  | "exception"
  | "cancelled";

export interface Polygon {
  type: "Polygon";
  coordinates: [lon: number, lat: number][][];
}

export interface MultiPolygon {
  type: "MultiPolygon";
  coordinates: [lon: number, lat: number][][][];
}

export interface Circle {
  lat: number;
  lon: number;
  radius_m: number;
}

export interface Location {
  id: number;
  name: string;
  stage: Stage | null;
  time_zone: string | null;
  geofence: Polygon | MultiPolygon | Circle | null;
}

export interface Position {
  ts: string;
  received_at: string;
  lat: number;
  lon: number;
  accuracy: number | null;
  /** metres per second */
  speed: number | null;
  /** degrees clockwise from north */
  heading: number | null;
  device_id: string;
}

export interface Vehicle {
  id: number;
  name: string;
  plate: string | null;
  position: Position | null;
}

export interface VehiclePosition extends Position {
  vehicle_id: number;
  name: string;
}

export interface Shipment {
  id: number;
  tracking_number: string;
  product_name: string;
  quantity: number;
  status: ShipmentStatus;
  stage: Stage;
  stage_since: string;
  location_id: number | null;
  vehicle_id: number | null;
  origin_id: number | null;
  destination_id: number | null;
  due_at: string | null;
  reference: string | null;
  updated_at: string;
}

export interface Evidence {
  device_id?: string;
  kind?: string;
  ts?: string;
  actor_id?: number;
  note?: string;
}

export interface ShipmentEvent {
  id: number;
  at: string;
  /** it happened at some time in between; null: at `at` */
  between: { from: string; to: string } | null;
  type: string;
  stage: Stage | null;
  status: ShipmentStatus | null;
  location_id: number | null;
  vehicle_id: number | null;
  rule: string;
  evidence: Evidence[];
  /** 0 to 1 */
  confidence: number;
  actor_id: number | null;
  device_id: string | null;
  recorded_at: string;
}

export interface InventoryItem {
  id: number;
  item_id: number;
  name: string;
  sku: string;
  quantity: number;
  unit: string;
  reserved: number;
  available: number;
  location_id: number;
  reorder_point: number;
  source: string;
  measured_at: string | null;
  /** the last count stands, but its sensor is suspect */
  stale: boolean;
  suspect: { source: string; problem: string; since: string; device_id: string | null; detail: string } | null;
}

export interface Device {
  id: string;
  kind: string;
  decoder: string;
  name: string | null;
  state: string;
  mount: { vehicle_id?: number; location_id?: number; item_id?: number } | null;
  presence: "online" | "offline" | "unknown";
  last_seen_at: string | null;
  latest: { gps?: Fix; gps_flagged?: Fix };
}

/** A device's latest fix; `quality` is missing of one from before it was kept. */
export interface Fix {
  ts: string;
  lat: number;
  lon: number;
  quality?: string;
}

/** What `GET /devices/{id}/quality` tells, as far as the page shows it. */
export interface DeviceQuality {
  received: number;
  late: number;
  quarantined: number;
  gap: number;
  clock_offset_ms: number | null;
  clock_offset_samples: number;
  warnings: string[];
}

export interface Person {
  email: string;
  role: string;
}
