import type { Risk, Stage } from "./resources.ts";
import { RISKS, STAGES } from "./resources.ts";
import { createStore } from "./store.ts";

export const TABS = [
  "shipments",
  "alerts",
  "vehicles",
  "trips",
  "orders",
  "lots",
  "serials",
  "assets",
  "devices",
  "audit",
] as const;
export type Tab = (typeof TABS)[number];

/** One thing that is open in place of its list. */
export type Detail =
  | { kind: "shipment"; id: number }
  | { kind: "stock"; id: number }
  | { kind: "order"; id: number }
  | { kind: "picks"; id: number }
  | { kind: "item"; id: number }
  | { kind: "location"; id: number }
  | { kind: "alert"; id: number }
  | { kind: "lot"; id: number }
  | { kind: "serial"; id: number }
  | { kind: "trip"; id: number }
  | { kind: "device"; id: string };

const PROMISES = ["late", "at_risk"] as const;

/** The selection of the viewer. It is kept in the address, so that a link or a reload shows the same. */
export interface View {
  tab: Tab;
  detail: Detail | null;
  vehicleId: number | null;
  stage: Stage | null;
  /** shipments that are late, or may become so */
  promise: (typeof PROMISES)[number] | null;
  /** shipments that have any of these; none: all */
  risks: readonly Risk[];
  search: string;
}

function parseId(text: string | null): number | null {
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

const NUMBERED = ["shipment", "stock", "order", "picks", "item", "location", "alert", "lot", "serial", "trip"] as const;

function parseDetail(asked: URLSearchParams): Detail | null {
  for (const kind of NUMBERED) {
    const id = parseId(asked.get(kind));
    if (id !== null) return { kind, id };
  }
  const device = asked.get("device");
  return device === null || device === "" ? null : { kind: "device", id: device };
}

export function parseAddress(hash: string): View {
  const asked = new URLSearchParams(hash.split("?")[1] ?? "");
  return {
    tab: TABS.find((tab) => tab === asked.get("tab")) ?? "shipments",
    detail: parseDetail(asked),
    vehicleId: parseId(asked.get("vehicle")),
    stage: STAGES.find((stage) => stage === asked.get("stage")) ?? null,
    promise: PROMISES.find((promise) => promise === asked.get("promise")) ?? null,
    risks: RISKS.filter((risk) => asked.get("risk")?.split(",").includes(risk)),
    search: asked.get("q") ?? "",
  };
}

/** The hash that `parseAddress` reads. */
export function addressOf({ tab, detail, vehicleId, stage, promise, risks, search }: View): string {
  const address = new URLSearchParams();
  if (tab !== "shipments") address.set("tab", tab);
  if (detail !== null) address.set(detail.kind, String(detail.id));
  if (vehicleId !== null) address.set("vehicle", String(vehicleId));
  if (stage !== null) address.set("stage", stage);
  if (promise !== null) address.set("promise", promise);
  if (risks.length > 0) address.set("risk", risks.join(","));
  if (search !== "") address.set("q", search);
  const query = address.toString();
  return query === "" ? "#/" : `#/?${query}`;
}

export const view = createStore<View>(parseAddress(location.hash));
