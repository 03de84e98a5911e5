import { useState } from "preact/hooks";
import { formatDateTime } from "../labels/times.ts";
import { timeZone } from "../state/clock.ts";
import type { Row } from "../state/operations.ts";
import { useStore } from "../state/store.ts";
import { amountText, Place, stageText } from "./cells.tsx";
import { ColumnChart, type Series } from "./charts.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type ThroughputRow = Row<"/analytics/throughput">;

const USE = { defaultHours: 24 * 7 };
const HOUR_MS = 3_600_000;

export function Throughput() {
  const where = useStore(timeZone);
  const [interval, setInterval] = useState<"hour" | "day">("day");
  const path = `/analytics/throughput?interval=${interval}&${useFilterQuery(USE)}` as const;
  const columns: readonly Column<ThroughputRow>[] = [
    { label: interval === "hour" ? "Hour from" : "Day from", cell: ({ at }) => formatDateTime(at, where) },
    { label: "Stage", cell: ({ stage }) => stageText(stage) },
    { label: "Place", cell: ({ location_id: id, location_name: name }) => <Place id={id} name={name} /> },
    { label: "Shipments in", isNumber: true, cell: (row) => row.shipments_in },
    { label: "Shipments out", isNumber: true, cell: (row) => row.shipments_out },
    { label: "Units in", isNumber: true, cell: (row) => amountText(row.units_in) },
    { label: "Units out", isNumber: true, cell: (row) => amountText(row.units_out) },
  ];
  return (
    <ReportView
      question="How much comes to each place and leaves it?"
      note="Days begin at midnight UTC. In: it came, or was made there. Out: it left, was delivered or was cancelled."
      use={USE}
      choices={
        <label>
          Counted per
          <select value={interval} onChange={(event) => setInterval(event.currentTarget.value as "hour" | "day")}>
            <option value="hour">hour</option>
            <option value="day">day</option>
          </select>
        </label>
      }
      path={path}
      file="throughput.csv"
      empty="Nothing has come or left in this period."
      chart={(rows) => (
        <ColumnChart
          label="Shipments that came and left over time"
          unit="shipments"
          series={seriesOf(rows)}
          stepMs={(rows[0]?.interval_hours ?? 24) * HOUR_MS}
        />
      )}
      columns={columns}
      keyOf={({ at, stage, location_id: id }) => `${at} ${stage} ${id}`}
    />
  );
}

/** All that is shown, added up. */
function seriesOf(rows: readonly ThroughputRow[]): Series[] {
  const sums = new Map<string, { into: number; out: number }>();
  for (const { at, shipments_in: into, shipments_out: out } of rows) {
    const sum = sums.get(at) ?? { into: 0, out: 0 };
    sums.set(at, { into: sum.into + into, out: sum.out + out });
  }
  const points = (which: "into" | "out") => [...sums].map(([at, sum]) => ({ at: Date.parse(at), value: sum[which] }));
  return [
    { name: "In", colour: "chart-1", points: points("into") },
    { name: "Out", colour: "chart-2", points: points("out") },
  ];
}
