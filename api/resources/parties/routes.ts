import { z } from "@hono/zod-openapi";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import { registerCrudRoutes } from "../../http/crud-routes.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { PARTY_ROLES } from "../../http/references.ts";
import { findParty, listParties } from "./queries.ts";
import { newParty, party, partyChange } from "./schema.ts";

/** Customers, suppliers, carriers and owners of goods. */
export function registerParties(endpoints: Endpoints): void {
  registerCrudRoutes(endpoints, {
    table: "parties",
    noun: "party",
    columns: [
      "name",
      "roles",
      "reference",
      "language",
      "email",
      "phone",
      "address",
      "lead_time_days",
      "minimum_quantity",
      "pack_quantity",
    ],
    access: { read: SIGNED_IN, write: MANAGEMENT },
    schemas: { response: party, create: newParty, change: partyChange },
    filters: { role: z.enum(PARTY_ROLES).optional() },
    find: findParty,
    list: listParties,
  });
}
