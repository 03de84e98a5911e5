import { EPCIS_READING_ACCESS } from "../auth/epcis-reading.ts";
import { listed, machines, type NoPage } from "./no-page.ts";

const PARTNERS = machines("partners walk through the repository with it; the page searches events");

/** Of each operation that reads the repository of EPCIS events the file of the page that makes its request. */
export const PAGES_OF_EPCIS_QUERIES: Readonly<Record<string, string | NoPage>> = {
  ...Object.fromEntries(Object.keys(EPCIS_READING_ACCESS).map((route) => [route, PARTNERS])),
  "GET /epcis/events": "panels/integrations/epcis-queries/event-search.tsx",
  "GET /epcis/queries": "panels/integrations/epcis-queries/named-queries.tsx",
  "POST /epcis/queries": "panels/integrations/epcis-queries/new-query.tsx",
  "DELETE /epcis/queries/{name}": "panels/integrations/epcis-queries/query-row.tsx",
  "GET /epcis/queries/{name}": listed,
  "GET /epcis/queries/{name}/subscriptions": "panels/integrations/epcis-queries/query-row.tsx",
  "POST /epcis/queries/{name}/subscriptions": "panels/integrations/epcis-queries/new-subscription.tsx",
  "GET /epcis/queries/{name}/subscriptions/{subscription_id}": listed,
  "DELETE /epcis/queries/{name}/subscriptions/{subscription_id}":
    "panels/integrations/epcis-queries/subscription-row.tsx",
};
