import type { Schemas } from "../../../client/index.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import { MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { type Requests, ResourcePage } from "./resource-page.tsx";

const REQUESTS: Requests<Schemas["Party"], Schemas["NewParty"], Schemas["PartyChange"]> = {
  list: (signal) => getAll(`/parties?${PAGE_QUERY}`, MAX_ROWS, signal),
  add: (body) => post("/parties", body),
  change: (id, body) => put(`/parties/${id}`, body),
  remove: (id) => remove(`/parties/${id}`),
};

/** Customers, suppliers, carriers and owners of goods. */
export const Parties = () => (
  <ResourcePage
    requests={REQUESTS}
    thing="parties"
    file="/exports/parties.csv"
    noun="party"
    label="Parties"
    intro="The companies and people that orders, products and goods name. What a supplier says of lead time and packs, reordering uses."
    note={({ reference }) => reference}
    what={({ roles }) => roles.join(", ")}
    whatNote={({ lead_time_days: days }) => (days === null ? null : `delivers within ${days} days`)}
    fields={(row) => [
      { name: "name", label: "Name", required: true, value: row?.name },
      {
        name: "roles",
        label: "Roles: customer, supplier, carrier, owner",
        type: "words",
        required: true,
        placeholder: "customer, supplier",
        value: row?.roles.join(", "),
      },
      { name: "reference", label: "Its number in other systems", value: row?.reference },
      { name: "language", label: "Language", placeholder: "de", value: row?.language },
      { name: "email", label: "E-mail", value: row?.email },
      { name: "phone", label: "Phone", value: row?.phone },
      { name: "address", label: "Address", type: "long", value: row?.address },
      {
        name: "lead_time_days",
        label: "Supplier: lead time, days",
        type: "number",
        min: 0,
        value: row?.lead_time_days,
      },
      {
        name: "minimum_quantity",
        label: "Supplier: delivers at least, units",
        type: "number",
        min: 1,
        value: row?.minimum_quantity,
      },
      {
        name: "pack_quantity",
        label: "Supplier: units in its pack",
        type: "number",
        min: 1,
        value: row?.pack_quantity,
      },
    ]}
  />
);
