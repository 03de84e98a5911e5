import { useState } from "preact/hooks";
import type { Row } from "../state/operations.ts";
import { Bar, hoursText, percentText } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type OnTimeRow = Row<"/analytics/on-time">;
type By = "month" | "party" | "lane";

const USE = { defaultHours: 24 * 90, hasStage: false };

const NAMES: Record<By, (row: OnTimeRow) => string> = {
  month: ({ month }) => month ?? "",
  party: ({ party_name: name }) => name ?? "no order",
  lane: ({ origin_name: from, destination_name: to }) => `${from ?? "?"} → ${to ?? "?"}`,
};
const LABELS: Record<By, string> = { month: "Month", party: "Customer", lane: "Lane" };

const percent = (value: number | null) => <Bar share={(value ?? 0) / 100} text={percentText(value)} />;

export function OnTime() {
  const [by, setBy] = useState<By>("month");
  const path = `/analytics/on-time?by=${by}&${useFilterQuery(USE)}` as const;
  const columns: readonly Column<OnTimeRow>[] = [
    { label: LABELS[by], cell: (row) => NAMES[by](row) },
    { label: "Promised", hint: "shipments", isNumber: true, cell: (row) => row.shipments_promised },
    { label: "On time", cell: (row) => percent(row.on_time_percent) },
    { label: "In full", cell: (row) => percent(row.in_full_percent) },
    { label: "On time and in full", cell: (row) => percent(row.on_time_in_full_percent) },
    {
      label: "Not delivered",
      hint: "their promise has passed",
      isNumber: true,
      cell: (row) => row.shipments_not_delivered,
    },
    { label: "Half of the late ones by", isNumber: true, cell: (row) => hoursText(row.median_late_hours) },
  ];
  return (
    <ReportView
      question="How many shipments were there when promised, and complete?"
      note="Shipments whose promise lies in the period and has passed, or that were delivered before it. In full: signed for completely."
      use={USE}
      choices={
        <label>
          By
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
            {Object.entries(LABELS).map(([value, label]) => (
              <option key={value} value={value}>
                {label.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
      }
      path={path}
      file="on-time.csv"
      empty="Nothing was promised for this period."
      columns={columns}
      keyOf={(row) => `${row.month} ${row.party_id} ${row.origin_id} ${row.destination_id}`}
    />
  );
}
