import { z } from "@hono/zod-openapi";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { CrudResource } from "../../http/crud-routes.ts";
import { PARTY_ROLES } from "../../http/references.ts";
import { withCustomFields } from "../custom-fields/check-values.ts";
import { findParty, listParties } from "./queries.ts";
import { newParty, type Party, party, partyChange } from "./schema.ts";

export const PARTIES: CrudResource<Party> = withCustomFields({
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
