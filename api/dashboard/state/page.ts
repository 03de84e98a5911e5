import { createStore } from "./store.ts";
import { parseAddress, view } from "./view.ts";

/** The pages of Administration, as the address names them. */
export const ADMINISTRATION_PAGES = [
  "devices",
  "device-profiles",
  "quarantine",
  "locations",
  "items",
  "vehicles",
  "drivers",
  "parties",
  "custom-fields",
  "alert-rules",
  "notification-rules",
  "decoding",
  "imports",
  "users",
  "api-clients",
  "service-accounts",
] as const;
export type AdministrationPage = (typeof ADMINISTRATION_PAGES)[number];

/** The pages of Analytics, likewise. */
export const ANALYTICS_PAGES = [
  "bottlenecks",
  "dwell",
  "space",
  "on-time",
  "throughput",
  "turns",
  "goods",
  "vehicles",
  "mail",
] as const;
export type AnalyticsPage = (typeof ANALYTICS_PAGES)[number];

/** The pages of Integrations, likewise. */
export const INTEGRATION_PAGES = [
  "webhooks",
  "epcis",
  "epcis-queries",
  "epcis-unmatched",
  "erp",
  "assistants",
  "event-log",
] as const;
export type IntegrationPage = (typeof INTEGRATION_PAGES)[number];

/** What fills the window of a signed-in person. */
export type Page =
  | { at: "live" }
  | { at: "account" }
  | { at: "analytics"; page: AnalyticsPage }
  /** undefined: the first one that the person may open */
  | { at: "integrations"; page: IntegrationPage | undefined }
  /** from where; undefined: a person chooses */
  | { at: "put-away"; from: number | undefined }
  | {
      at: "administration";
      page: AdministrationPage;
      /** the id of the row that is open at first */
      open?: string | undefined;
    };

function pageOf(hash: string): Page {
  const [, first, second, third] = /^#\/([\w-]+)\/?([\w-]*)\/?([^?]*)/.exec(hash) ?? [];
  if (first === "account") return { at: "account" };
  if (first === "put-away") return { at: "put-away", from: /^\d+$/.test(second ?? "") ? Number(second) : undefined };
  if (first === "analytics")
    return {
      at: "analytics",
      page: ANALYTICS_PAGES.find((name) => name === (second === "inventory" ? "goods" : second)) ?? "bottlenecks",
    };
  if (first === "integrations") return { at: "integrations", page: INTEGRATION_PAGES.find((name) => name === second) };
  if (first !== "administration") return { at: "live" };
  const page = ADMINISTRATION_PAGES.find((name) => name === second) ?? "devices";
  return { at: "administration", page, open: third === "" ? undefined : decodeURIComponent(third ?? "") };
}

export const page = createStore<Page>(pageOf(location.hash));

/** Follows links, Back and Forward from one page to another. @returns a function that ends it */
export function followPages(): () => void {
  const read = () => {
    const next = pageOf(location.hash);
    if (JSON.stringify(next) === JSON.stringify(page.get())) return;
    // What was open on the live page is in its address, which may have been left for another one.
    if (next.at === "live") view.set(parseAddress(location.hash));
    page.set(next);
  };
  read();
  addEventListener("hashchange", read);
  addEventListener("popstate", read);
  return () => {
    removeEventListener("hashchange", read);
    removeEventListener("popstate", read);
  };
}
