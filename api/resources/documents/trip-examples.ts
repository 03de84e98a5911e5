import type { RequestExample } from "./request-example.ts";

const day = (clock: string): string => `2030-03-04T${clock}:00Z`;

/** A tour of the truck of the story that examples.ts tells, with its driver. */
export const TRIP_EXAMPLES: Readonly<Record<string, RequestExample>> = {
  "POST /drivers": { body: { name: "Ada Lindgren", phone: "+49 89 1234", token: "01-6F-2A-11" } },
  "PUT /drivers/{id}": { path: { id: 1 }, body: { phone: "+49 89 5678" } },
  "GET /drivers": { query: { q: "ada" } },
  "POST /trips": {
    body: {
      vehicle_id: 1,
      driver: "Ada Lindgren",
      stops: [
        { location_id: 1, window: { from: day("07:30"), to: day("08:00") }, shipment_ids: [1] },
        { location_id: 1, window: { from: day("12:00"), to: day("13:00") } },
      ],
    },
  },
  "PUT /trips/{id}": { path: { id: 1 }, body: { driver: 1 } },
  "GET /trips": { query: { status: "planned", from: "2030-03-04T00:00:00Z" } },
  "GET /trips/{id}/verification": { path: { id: 1 } },
  "POST /trips/{id}/cancel": { path: { id: 1 }, body: {} },
};
