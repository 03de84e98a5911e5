import { type Access, ROLES, type Role } from "../../../api/auth/roles.ts";
import { common, type Trial } from "./limited-trial.ts";

const everyone = ROLES;
const management: readonly Role[] = ["manager", "admin"];

const COLLECTIONS = {
  eventTypes: "event_type",
  epcs: "epc",
  bizSteps: "biz_step",
  bizLocations: "biz_location",
  readPoints: "read_point",
  dispositions: "disposition",
};
const ofCollections = Object.entries(COLLECTIONS).flatMap(([path, name]) =>
  ["", `/{${name}}`, `/{${name}}/events`].map((rest) => `GET /epcis/${path}${rest}`),
);

/** The access table of what reads the repository of EPCIS events. */
export const EPCIS_READING_ACCESS: Readonly<Record<string, Access>> = {
  "GET /epcis": everyone,
  "GET /epcis/events": everyone,
  ...Object.fromEntries(ofCollections.map((route) => [route, everyone])),
  "DELETE /epcis/nextPageToken/{token}": everyone,
  "GET /epcis/queries": everyone,
  "POST /epcis/queries": everyone,
  "GET /epcis/queries/{name}": everyone,
  "DELETE /epcis/queries/{name}": management,
  "GET /epcis/queries/{name}/events": everyone,
  "GET /epcis/queries/{name}/subscriptions": management,
  "POST /epcis/queries/{name}/subscriptions": management,
  "GET /epcis/queries/{name}/subscriptions/{subscription_id}": management,
  "DELETE /epcis/queries/{name}/subscriptions/{subscription_id}": management,
};

const TRIED = "events have no rows of their own in this world: test/api/integrations/epcis/limits.test.ts";
export const EPCIS_READING_TRIALS: Readonly<Record<string, Trial>> = Object.fromEntries(
  Object.keys(EPCIS_READING_ACCESS).map((route) => [route, common(TRIED)]),
);
