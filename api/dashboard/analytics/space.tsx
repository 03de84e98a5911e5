import { formatDateTime } from "../labels/times.ts";
import { timeZone } from "../state/clock.ts";
import type { Row } from "../state/operations.ts";
import { useStore } from "../state/store.ts";
import { amountText, Bar, Place, percentText } from "./cells.tsx";
import { LineChart, type Series } from "./charts.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type SpaceRow = Row<"/analytics/space">;

const USE = { defaultHours: 24 * 7, hasStage: false };
/** More lines than this nobody can tell apart. */
const MOST_LINES = 6;

const ofCapacity = (used: number, capacity: number | null, unit: string): string =>
  capacity === null
    ? used === 0
      ? "–"
      : `${amountText(used)} ${unit}`
    : `${amountText(used)} of ${amountText(capacity)} ${unit}`;

export function Space() {
  const where = useStore(timeZone);
  const path = `/analytics/space?${useFilterQuery(USE)}` as const;
  const columns: readonly Column<SpaceRow>[] = [
    { label: "Place", cell: ({ location_id: id, location_name: name }) => <Place id={id} name={name} /> },
    { label: "At", cell: ({ at }) => formatDateTime(at, where) },
    {
      label: "Used",
      cell: (row) => <Bar share={(row.used_percent ?? 0) / 100} text={percentText(row.used_percent)} />,
    },
    { label: "Units", isNumber: true, cell: (row) => ofCapacity(row.used_units, row.capacity_units, "units") },
    { label: "Volume", isNumber: true, cell: (row) => ofCapacity(row.used_litres, row.capacity_litres, "l") },
    { label: "Weight", isNumber: true, cell: (row) => ofCapacity(row.used_kilograms, row.capacity_kilograms, "kg") },
  ];
  return (
    <ReportView
      question="How full are places, and how has that changed?"
      note="By the stock of a place and of everything below it, against the capacity that it has now. Days end at midnight UTC."
      use={USE}
      path={path}
      file="space.csv"
      empty="No place has a capacity: give one to a location in Administration."
      chart={(rows) => <LineChart label="Used capacity over time" unit="%" series={seriesOf(rows)} least={100} />}
      columns={columns}
      keyOf={({ location_id: id, at }) => `${id} ${at}`}
    />
  );
}

/** The fullest places. */
function seriesOf(rows: readonly SpaceRow[]): Series[] {
  const places = new Map<number, SpaceRow[]>();
  for (const row of rows) places.set(row.location_id, [...(places.get(row.location_id) ?? []), row]);
  return [...places.values()]
    .toSorted((a, b) => (b.at(-1)?.used_percent ?? 0) - (a.at(-1)?.used_percent ?? 0))
    .slice(0, MOST_LINES)
    .map((of, at) => ({
      name: of[0]!.location_name,
      colour: `chart-${at + 1}`,
      points: of.map((row) => ({ at: Date.parse(row.at), value: row.used_percent ?? 0 })),
    }));
}
