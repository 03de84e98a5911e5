import type { Stage } from "./resources.ts";
import { STAGES } from "./resources.ts";
import { createStore } from "./store.ts";

export const TABS = ["shipments", "vehicles", "devices"] as const;
export type Tab = (typeof TABS)[number];

/** The selection of the viewer. It is kept in the address, so that a link or a reload shows the same. */
export interface View {
  tab: Tab;
  shipmentId: number | null;
  vehicleId: number | null;
  stage: Stage | null;
  search: string;
}

function parseId(text: string | null): number | null {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function parseAddress(hash: string): View {
  const asked = new URLSearchParams(hash.split("?")[1] ?? "");
  return {
    tab: TABS.find((tab) => tab === asked.get("tab")) ?? "shipments",
    shipmentId: parseId(asked.get("shipment")),
    vehicleId: parseId(asked.get("vehicle")),
    stage: STAGES.find((stage) => stage === asked.get("stage")) ?? null,
    search: asked.get("q") ?? "",
  };
}

export const view = createStore<View>(parseAddress(location.hash));

export function updateView(change: Partial<View>): void {
  const next = { ...view.get(), ...change };
  view.set(next);
  const address = new URLSearchParams();
  if (next.tab !== "shipments") address.set("tab", next.tab);
  if (next.shipmentId !== null) address.set("shipment", String(next.shipmentId));
  if (next.vehicleId !== null) address.set("vehicle", String(next.vehicleId));
  if (next.stage !== null) address.set("stage", next.stage);
  if (next.search !== "") address.set("q", next.search);
  const query = address.toString();
  history.replaceState(null, "", query === "" ? "#/" : `#/?${query}`);
}

export function followAddressChanges(): () => void {
  const read = () => view.set(parseAddress(location.hash));
  addEventListener("hashchange", read);
  return () => removeEventListener("hashchange", read);
}
