import type { RequestExample } from "./request-example.ts";

const context = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"];
const received = {
  type: "ObjectEvent",
  eventTime: "2026-03-01T08:00:00.000+01:00",
  eventTimeZoneOffset: "+01:00",
  epcList: ["https://id.gs1.org/00/106141412345678908"],
  action: "OBSERVE",
  bizStep: "receiving",
  disposition: "in_progress",
  readPoint: { id: "https://id.gs1.org/414/4012345000054" },
};

/** Requests of EPCIS 2.0. */
export const EPCIS_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  "POST /epcis/capture": {
    body: {
      "@context": context,
      type: "EPCISDocument",
      schemaVersion: "2.0",
      creationDate: "2026-03-01T08:05:00Z",
      epcisBody: { eventList: [received] },
    },
  },
  "POST /epcis/events": {
    body: { "@context": context, ...received, eventTime: "2026-03-01T09:00:00.000+01:00", bizStep: "storing" },
  },
  "GET /epcis/events": { query: { EQ_bizStep: "shipping|receiving", perPage: 10 } },
  "POST /epcis/queries": {
    body: { name: "Shipped", query: { eventType: ["ObjectEvent"], EQ_bizStep: ["shipping"] } },
  },
  "POST /epcis/queries/{name}/subscriptions": {
    path: { name: "Shipped" },
    body: { dest: "https://partner.example.com/epcis", signatureToken: "a secret of yours", stream: true },
  },
};
