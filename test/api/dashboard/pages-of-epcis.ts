import { listed, machines, type NoPage } from "./no-page.ts";

/** Where the page does what the operations of EPCIS do. */
export const PAGES_OF_EPCIS: Readonly<Record<string, string | NoPage>> = {
  "POST /epcis/capture": "panels/integrations/epcis/capture-form.tsx",
  "GET /epcis/capture": "panels/integrations/epcis/captures.tsx",
  "GET /epcis/capture/{captureID}": listed,
  "POST /epcis/events": machines("systems send single events; people send documents"),
  "GET /epcis/events/{eventID}": machines("systems follow the address of an event"),
};
