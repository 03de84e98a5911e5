import type { Row } from "../state/operations.ts";
import { Bar, hoursText, Place, stageText } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

const USE = { defaultHours: 24 * 30 };

const unknown = (hours: number | null, why: string | null) =>
  hours === null ? <span title={why ?? undefined}>not yet known</span> : hoursText(hours);

const COLUMNS: readonly Column<Row<"/analytics/dwell">>[] = [
  { label: "Stage", cell: ({ stage }) => stageText(stage) },
  { label: "Place", cell: ({ location_id: id, location_name: name }) => <Place id={id} name={name} /> },
  { label: "Half within", hint: "median", isNumber: true, cell: (row) => unknown(row.p50_hours, row.not_reached) },
  {
    label: "9 in 10 within",
    hint: "90th percentile",
    isNumber: true,
    cell: (row) => unknown(row.p90_hours, row.not_reached),
  },
  {
    label: "19 in 20 within",
    hint: "95th percentile",
    isNumber: true,
    cell: (row) => unknown(row.p95_hours, row.not_reached),
  },
  { label: "Shipments", hint: "that came in the period", isNumber: true, cell: ({ shipments }) => shipments },
  {
    label: "Still waiting",
    cell: ({ shipments, shipments_waiting: waiting }) => <Bar share={waiting / shipments} text={String(waiting)} />,
  },
  { label: "Longest wait", isNumber: true, cell: (row) => hoursText(row.longest_waiting_hours) },
];

export function Dwell() {
  const path = `/analytics/dwell?${useFilterQuery(USE)}` as const;
  return (
    <ReportView
      question="How long do goods stay in each stage and at each place?"
      note="What still waits counts as at least so long. Left out, it would hide a jam: what is stuck is what is missing."
      use={USE}
      path={path}
      file="dwell.csv"
      empty="Nothing has come to any place in this period."
      columns={COLUMNS}
      keyOf={({ stage, location_id: id }) => `${stage} ${id}`}
    />
  );
}
