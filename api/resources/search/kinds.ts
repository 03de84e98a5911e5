import { MANAGEMENT, type Role } from "../../auth/roles.ts";
import type { HitKind } from "./schema.ts";

/** What can be found, and what is told of it. All texts here are SQL. */
interface SearchedKind {
  kind: HitKind;
  /** the table; for a principal with limits the view of the same name */
  table: string;
  idType: "integer" | "text";
  title: string;
  detail: string;
  /** the columns whose words the trigger of the table keeps in `search_words` (migrations 0034, 0039, 0050, 0071 and 0110); none: it is found by what else has them */
  texts: readonly string[];
  /** missing: everybody */
  roles?: readonly Role[];
}

export const SEARCHED_KINDS: readonly SearchedKind[] = [
  {
    kind: "shipment",
    table: "shipments",
    idType: "integer",
    title: "product_name",
    detail: "concat_ws(' · ', tracking_number, reference)",
    texts: ["tracking_number", "product_name", "reference", "tags"],
  },
  {
    kind: "item",
    table: "items",
    idType: "integer",
    title: "name",
    detail: "concat_ws(' · ', sku, gtin)",
    texts: ["sku", "name", "gtin", "barcode", "tags"],
  },
  {
    kind: "location",
    table: "locations",
    idType: "integer",
    title: "name",
    detail: "concat_ws(' · ', stage, barcode)",
    texts: ["name", "barcode", "tags"],
  },
  {
    kind: "vehicle",
    table: "vehicles",
    idType: "integer",
    title: "name",
    detail: "plate",
    texts: ["name", "plate", "tags"],
  },
  {
    kind: "trip",
    table: "trips",
    idType: "integer",
    title:
      "'Trip ' || id || coalesce(' · ' || coalesce((SELECT d.name FROM drivers d WHERE d.id = trips.driver_id), driver_name), '')",
    detail:
      "concat_ws(' · ', (SELECT v.name FROM vehicles v WHERE v.id = trips.vehicle_id), to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI \"UTC\"'), replace(status, '_', ' '))",
    texts: [],
  },
  {
    kind: "order",
    table: "orders",
    idType: "integer",
    title: "kind || ' order ' || id",
    detail: "concat_ws(' · ', reference, status)",
    texts: ["reference"],
  },
  {
    kind: "lot",
    table: "lots",
    idType: "integer",
    title: "'Lot ' || number",
    detail: "concat_ws(' · ', (SELECT name FROM items i WHERE i.id = lots.item_id), 'expires ' || expires_on)",
    texts: ["number"],
  },
  {
    kind: "serial",
    table: "serials",
    idType: "integer",
    title: "'Serial ' || serial",
    detail: "concat_ws(' · ', (SELECT name FROM items i WHERE i.id = serials.item_id), 'GTIN ' || gtin)",
    texts: ["serial"],
  },
  {
    kind: "party",
    table: "parties",
    idType: "integer",
    title: "name",
    detail: "concat_ws(' · ', (SELECT string_agg(role, ', ') FROM jsonb_array_elements_text(roles) role), reference)",
    texts: ["name", "reference", "email", "tags"],
  },
  {
    kind: "device",
    table: "devices",
    idType: "text",
    title: "coalesce(name, id)",
    detail: "concat_ws(' · ', id, kind)",
    texts: ["id", "name"],
    roles: MANAGEMENT,
  },
];
