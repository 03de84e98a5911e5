import { openDetail, openVehicle } from "./navigation.ts";
import { page } from "./page.ts";
import { addressOf, type Detail, view } from "./view.ts";

/** One hit of `GET /search`. */
export interface Hit {
  kind:
    | "shipment"
    | "handling_unit"
    | "item"
    | "location"
    | "vehicle"
    | "trip"
    | "order"
    | "lot"
    | "serial"
    | "party"
    | "device"
    | "user"
    | "api_client"
    | "service_account";
  id: number | string;
  title: string;
  detail: string | null;
  shipment_id?: number;
}

export const HIT_LABELS: Record<Hit["kind"], string> = {
  shipment: "Shipment",
  handling_unit: "Handling unit",
  item: "Product",
  location: "Location",
  vehicle: "Vehicle",
  trip: "Trip",
  order: "Order",
  lot: "Lot",
  serial: "Serial",
  party: "Party",
  device: "Device",
  user: "User",
  api_client: "API client",
  service_account: "MQTT account",
};

const PAGE_OF = {
  party: "parties",
  user: "users",
  api_client: "api-clients",
  service_account: "service-accounts",
} as const;

/** What shows a hit: something on the live page, or a page of Administration. */
function targetOf({ kind, id, shipment_id }: Hit): Detail | { kind: "vehicle"; id: number } | { href: string } {
  if (kind === "party" || kind === "user" || kind === "api_client" || kind === "service_account") {
    return { href: `#/administration/${PAGE_OF[kind]}/${encodeURIComponent(id)}` };
  }
  if (kind === "device") return { kind, id: String(id) };
  if (kind === "handling_unit") return { kind: "shipment", id: Number(shipment_id) };
  return { kind, id: Number(id) };
}

/** Opens what was found, from whatever page. */
export function openHit(hit: Hit): void {
  const target = targetOf(hit);
  if ("href" in target) location.hash = target.href;
  else if (page.get().at !== "live") location.hash = hashOf(target);
  else if (target.kind === "vehicle") openVehicle(target.id);
  else openDetail(target);
}

function hashOf(target: Detail | { kind: "vehicle"; id: number }): string {
  const before = { ...view.get(), detail: null, vehicleId: null };
  return addressOf(target.kind === "vehicle" ? { ...before, vehicleId: target.id } : { ...before, detail: target });
}
