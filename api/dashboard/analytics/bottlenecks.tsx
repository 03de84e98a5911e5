import type { Row } from "../state/operations.ts";
import { amountText, Bar, hoursText, Place, stageText } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type Bottleneck = Row<"/analytics/bottlenecks">;

const USE = { defaultHours: 24 };
const TRENDS = { growing: "▲ growing", shrinking: "▼ shrinking", steady: "■ steady" } as const;

const columnsOf = (worst: number): Column<Bottleneck>[] => [
  { label: "Rank", isNumber: true, cell: ({ rank }) => rank },
  {
    label: "Place",
    cell: ({ location_id: id, location_name: name, stage }) => (
      <>
        <Place id={id} name={name} />
        <span class="kind">{stageText(stage)}</span>
      </>
    ),
  },
  {
    label: "Excess, unit-hours",
    hint: "by how much longer than usual goods waited, times their units",
    cell: ({ excess_unit_hours: excess }) => <Bar share={excess / Math.max(worst, 1)} text={amountText(excess)} />,
  },
  { label: "Why", cell: ({ reason }) => <span class="reason">{reason}</span> },
  { label: "Waiting", hint: "shipments there now", isNumber: true, cell: ({ shipments_waiting: waiting }) => waiting },
  { label: "Units waiting", isNumber: true, cell: ({ units_waiting: units }) => amountText(units) },
  { label: "Usual at most", hint: "nine in ten stays", isNumber: true, cell: (row) => hoursText(row.usual_p90_hours) },
  { label: "Come per hour", hint: "shipments", isNumber: true, cell: (row) => amountText(row.arrivals_per_hour) },
  { label: "Leave per hour", hint: "shipments", isNumber: true, cell: (row) => amountText(row.throughput_per_hour) },
  { label: "Clear in", hint: "at this pace", isNumber: true, cell: (row) => hoursText(row.hours_to_clear) },
  { label: "Trend", cell: ({ trend }) => TRENDS[trend] },
];

export function Bottlenecks() {
  const path = `/analytics/bottlenecks?${useFilterQuery(USE)}` as const;
  return (
    <ReportView
      question="Where are goods held up now, and why?"
      note="Each place is compared with its own past: what stays longer than nine in ten did there before the period counts, by its units."
      use={USE}
      path={path}
      file="bottlenecks.csv"
      empty="Nothing is, or was, at any place in this period."
      chart={(rows) => <Worst row={rows[0]} />}
      columns={(rows) => columnsOf(rows[0]?.excess_unit_hours ?? 0)}
      keyOf={({ stage, location_id: id }) => `${stage} ${id}`}
    />
  );
}

/** The first of the ranking, in a sentence. */
function Worst({ row }: { row: Bottleneck | undefined }) {
  if (row === undefined || row.excess_unit_hours === 0)
    return <p class="card">Nothing takes longer than usual at any place.</p>;
  return (
    <p class="card">
      <strong>
        <Place id={row.location_id} name={row.location_name} />
      </strong>{" "}
      {row.reason}
    </p>
  );
}
