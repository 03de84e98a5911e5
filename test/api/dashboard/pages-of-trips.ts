import { listed, type NoPage } from "./no-page.ts";

/** Where the page does what the operations on trips and drivers do. */
export const PAGES_OF_TRIPS: Readonly<Record<string, string | NoPage>> = {
  "GET /drivers": "administration/master-data/drivers.tsx",
  "POST /drivers": "administration/master-data/drivers.tsx",
  "GET /drivers/{id}": listed,
  "PUT /drivers/{id}": "administration/master-data/drivers.tsx",
  "DELETE /drivers/{id}": "administration/master-data/drivers.tsx",
  "GET /trips": "panels/trips/trips.tsx",
  "POST /trips": "panels/trips/plan-trip.tsx",
  "GET /trips/{id}": "panels/trips/trip-detail.tsx",
  "PUT /trips/{id}": "panels/trips/plan-trip.tsx",
  "DELETE /trips/{id}": "panels/trips/trip-detail.tsx",
  "POST /trips/{id}/cancel": "panels/trips/trip-detail.tsx",
  "GET /trips/{id}/verification": "panels/trips/trip-load.tsx",
};
