import { formatQuantity } from "../labels/quantities.ts";
import type { Row } from "../state/operations.ts";
import { amountText, Place } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

const USE = { defaultHours: 24 * 30, hasStage: false };

const COLUMNS: readonly Column<Row<"/analytics/turns">>[] = [
  {
    label: "Product",
    cell: ({ inventory_item_id: id, item_name: name, sku }) => (
      <>
        <a href={`#/?stock=${id}`}>{name}</a>
        <span class="kind">{sku}</span>
      </>
    ),
  },
  { label: "Place", cell: ({ location_id: id, location_name: name }) => <Place id={id} name={name} /> },
  { label: "There now", isNumber: true, cell: (row) => formatQuantity(row.quantity_units, row.unit) },
  { label: "Left", hint: "in the period", isNumber: true, cell: (row) => amountText(row.units_out) },
  { label: "Came", isNumber: true, cell: (row) => amountText(row.units_in) },
  {
    label: "Corrected",
    hint: "by counts and reversals",
    isNumber: true,
    cell: (row) => amountText(row.units_corrected),
  },
  { label: "Mean level", isNumber: true, cell: (row) => amountText(row.average_units) },
  { label: "Turns a year", isNumber: true, cell: (row) => amountText(row.turns_per_year) },
  {
    label: "Lasts",
    hint: "what is there, as it left in the period",
    isNumber: true,
    cell: (row) => (row.days_of_stock === null ? "nothing leaves" : `${amountText(row.days_of_stock)} days`),
  },
];

export function Turns() {
  const path = `/analytics/turns?${useFilterQuery(USE)}` as const;
  return (
    <ReportView
      question="How often is stock sold and replaced, and how long does it last?"
      note="Turns: what left by the mean level over the period. Counts of people are neither in nor out."
      use={USE}
      path={path}
      file="turns.csv"
      empty="There is no stock here."
      columns={COLUMNS}
      keyOf={({ inventory_item_id: id }) => String(id)}
    />
  );
}
