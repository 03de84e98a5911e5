import type {
  AssetType,
  Device,
  Location,
  Movement,
  Serial,
  SerialEvent,
  ShipmentEvent,
  ShipmentStatus,
  Stage,
} from "../state/resources.ts";

export const STAGE_LABELS: Record<Stage, string> = {
  production: "Production",
  storage: "Storage",
  transportation: "Transport",
  delivery: "Delivery",
};

export const LOCATION_KIND_LABELS: Record<NonNullable<Location["kind"]>, string> = {
  receiving: "Receiving",
  quality: "Quality",
  storage: "Storage",
  picking: "Picking",
  shipping: "Shipping",
  shop_floor: "Shop floor",
};

export const STATUS_LABELS: Record<ShipmentStatus, string> = {
  in_production: "In production",
  in_storage: "In storage",
  in_transit: "In transit",
  out_for_delivery: "Out for delivery",
  arrived: "Arrived",
  delivered: "Delivered",
  returned: "Returned",
  exception: "Exception",
  cancelled: "Cancelled",
};

const EVENT_LABELS: Record<string, string> = {
  created: "Created",
  loaded: "Loaded",
  unloaded: "Unloaded",
  seen: "Tag seen",
  scanned: "Scanned",
  departed: "Departed",
  arrived: "Arrived",
  passed: "Passed",
  manual: "Set by a person",
  proof: "Proof of delivery",
  driver_changed: "Another driver",
  driver_signed_on: "Driver signed on",
  harsh_driving: "Harsh driving",
  reported: "Told by another system",
  void: "Called wrong",
  excursion: "Out of its limits",
  excursion_over: "Within its limits again",
  risk: "At risk",
  risk_over: "Risk is over",
};

/** Why the sensor of a stock position cannot be believed. */
export const SENSOR_PROBLEM_LABELS: Record<string, string> = {
  below_tare: "shelf taken off, or scale zeroed by hand",
  odd_weight: "something else lies on the shelf",
  unsettled: "the weight does not settle",
  zero_off: "the scale needs a tare",
  retared: "count it: the tare has changed",
  reader_silent: "the reader is silent",
  overflow: "count it: more was put there than can be counted",
  overdrawn: "count it: more was taken than was known to be there",
};

/** A newer server may send event types that this page does not know: it shows their plain names. */
export function eventLabel({ type }: Pick<ShipmentEvent, "type">): string {
  return EVENT_LABELS[type] ?? type.replaceAll("_", " ");
}

export const DEVICE_LABELS: Record<Device["kind"], string> = {
  gps: "GPS tracker",
  rfid: "RFID reader",
  scale: "Shelf scale",
  env: "Climate probe",
  scan: "Hand scanner",
  vehicle: "Onboard unit",
  gateway: "Gateway",
};

export const STOCK_EVENT_LABELS: Record<string, string> = {
  counted: "Counted",
  lot_counted: "Lot counted",
  adjusted: "Adjusted",
  unexplained_removal: "Taken without explanation",
  sensor_suspect: "Sensor doubted",
  sensor_trusted: "Sensor believed again",
};

export const MOVEMENT_LABELS: Record<Movement["kind"], string> = {
  opening: "Was there",
  count: "Counted",
  receipt: "Received",
  pick: "Picked",
  adjustment: "Put or taken",
  transfer: "Moved",
  reversal: "Taken back",
};

/** Where a piece is, before the name of the place. */
export const PIECE_STATE_LABELS: Record<NonNullable<Serial["state"]>, string> = {
  there: "at",
  picked: "picked from",
  left: "has left",
  unseen: "no longer read at",
  aboard: "aboard a vehicle, last at",
};

export const SERIAL_EVENT_LABELS: Record<SerialEvent["event"], string> = {
  received: "Received",
  picked: "Picked",
  came: "Read coming in",
  left: "Read going out",
  aboard: "Read aboard",
  unseen: "No longer read",
  passed: "Read in passing",
};

export const ASSET_KIND_LABELS: Record<AssetType["kind"], string> = {
  pallet: "Pallet",
  crate: "Crate",
  container: "Container",
  other: "Other",
};

export const ORDER_KIND_LABELS: Record<string, string> = {
  customer: "Customer order",
  restock: "Restock order",
  transfer: "Transfer",
  return: "Return",
};

/** Names of the API that the page has no words for: "picked_up" is "picked up". */
export const plainLabel = (name: string): string => name.replaceAll("_", " ");
