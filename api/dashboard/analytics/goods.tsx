import { formatCount } from "../labels/quantities.ts";
import { STATUS_LABELS } from "../labels/status-labels.ts";
import type { Row } from "../state/operations.ts";
import { STAGES } from "../state/resources.ts";
import { Bar, hoursText, Place, stageText } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type GoodsRow = Row<"/analytics/inventory">;

const USE = {};

const COLUMNS: readonly Column<GoodsRow>[] = [
  {
    label: "Shipment",
    cell: ({ shipment_id: id, tracking_number: number }) => <a href={`#/?shipment=${id}`}>{number}</a>,
  },
  { label: "Goods", cell: ({ product_name: name }) => name },
  { label: "Units", isNumber: true, cell: ({ quantity_units: units }) => formatCount(units) },
  { label: "Stage", cell: ({ stage }) => stageText(stage) },
  { label: "Status", cell: ({ status }) => STATUS_LABELS[status] },
  { label: "Place", cell: ({ location_id: id, location_name: name }) => <Place id={id} name={name} /> },
  { label: "For", hint: "in this stage", isNumber: true, cell: ({ hours_in_stage: hours }) => hoursText(hours) },
];

export function Goods() {
  const path = `/analytics/inventory?${useFilterQuery(USE)}` as const;
  return (
    <ReportView
      question="Which goods of which shipment are in which stage, and where?"
      use={USE}
      path={path}
      file="inventory.csv"
      empty="There are no shipments here."
      chart={(rows) => <Sums rows={rows} />}
      columns={COLUMNS}
      keyOf={({ shipment_id: id, location_id: place }) => `${id} ${place}`}
    />
  );
}

/** Units by stage, of the rows that are shown. */
function Sums({ rows }: { rows: readonly GoodsRow[] }) {
  const sums = STAGES.map((stage) => ({
    stage,
    units: rows.reduce((sum, row) => (row.stage === stage ? sum + row.quantity_units : sum), 0),
  }));
  const most = Math.max(1, ...sums.map(({ units }) => units));
  return (
    <dl class="stage-sums" aria-label="Units by stage, of the rows shown">
      {sums.map(({ stage, units }) => (
        <div key={stage}>
          <dt>{stageText(stage)}</dt>
          <dd>
            <Bar share={units / most} text={`${formatCount(units)} units`} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
