import { useParties, withChosen } from "../../panels/controls/use-items.ts";
import type { Schemas } from "../../../client/index.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import { MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { type Requests, ResourcePage } from "./resource-page.tsx";

const REQUESTS: Requests<Schemas["Item"], Schemas["NewItem"], Schemas["ItemChange"]> = {
  list: (signal) => getAll(`/items?${PAGE_QUERY}`, MAX_ROWS, signal),
  add: (body) => post("/items", body),
  change: (id, body) => put(`/items/${id}`, body),
  remove: (id) => remove(`/items/${id}`),
};

/** The products of the catalogue. */
export function Items() {
  const suppliers = useParties("supplier");
  return (
    <ResourcePage
      requests={REQUESTS}
      thing="items"
      file="/exports/items.csv"
      noun="product"
      label="Products"
      intro="A scan or a tag finds a product by its GTIN, its barcode or its SKU; a scale counts it by the weight of one unit."
      note={({ sku }) => sku}
      what={({ gtin }) => (gtin === null ? "no GTIN" : `GTIN ${gtin}`)}
      whatNote={({ unit_weight_grams: grams }) => (grams === null ? null : `${grams} g each`)}
      fields={(row) => [
        { name: "sku", label: "SKU", required: true, value: row?.sku },
        { name: "name", label: "Name", required: true, value: row?.name },
        { name: "gtin", label: "GTIN", pattern: "\\d{8}|\\d{12,14}", value: row?.gtin },
        { name: "barcode", label: "Barcode", value: row?.barcode },
        { name: "base_unit", label: "Unit that quantities count", required: true, value: row?.base_unit ?? "piece" },
        {
          name: "packs",
          label: "Packs",
          type: "json",
          placeholder: '[{"unit": "box", "quantity": 12}]',
          value: row === undefined || row.packs.length === 0 ? undefined : row.packs,
        },
        {
          name: "unit_weight_grams",
          label: "Weight of one, grams",
          type: "number",
          min: 0,
          value: row?.unit_weight_grams,
        },
        {
          name: "unit_volume_litres",
          label: "Room that one takes, litres",
          type: "number",
          min: 0,
          value: row?.unit_volume_litres,
        },
        {
          name: "storage_category",
          label: "Storage category",
          placeholder: "chilled",
          value: row?.storage_category,
        },
        { name: "value_cents", label: "Value of one, cents", type: "number", min: 0, value: row?.value_cents },
        { name: "currency", label: "Currency", pattern: "[A-Z]{3}", placeholder: "EUR", value: row?.currency },
        {
          name: "supplier_id",
          label: "Supplier",
          type: "id",
          options: withChosen(suppliers, row?.supplier_id),
          value: row?.supplier_id,
        },
      ]}
    />
  );
}
