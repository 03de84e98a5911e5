import { useState } from "preact/hooks";
import type { Row } from "../state/operations.ts";
import { amountText, hoursText, percentText } from "./cells.tsx";
import { useFilterQuery } from "./filter.tsx";
import { type Column, ReportView } from "./report-view.tsx";

type UseRow = Row<"/analytics/vehicles">;
type By = "vehicle" | "driver";

const USE = { defaultHours: 24 * 7, hasStage: false };

export function VehicleUse() {
  const [by, setBy] = useState<By>("vehicle");
  const path = `/analytics/vehicles?by=${by}&${useFilterQuery(USE)}` as const;
  const fuel: readonly Column<UseRow>[] = [
    { label: "Fuel", hint: "of a tank", isNumber: true, cell: ({ fuel_used_percent: used }) => percentText(used) },
  ];
  const columns: readonly Column<UseRow>[] = [
    { label: "Vehicle", cell: ({ vehicle_name: name }) => name },
    ...(by === "driver" ? [{ label: "Driver", cell: ({ driver_name: name }: UseRow) => name ?? "not known" }] : []),
    { label: "Trips", hint: "planned", isNumber: true, cell: ({ trips }) => trips },
    { label: "Drives", isNumber: true, cell: ({ drives }) => drives },
    { label: "Distance", hint: "km", isNumber: true, cell: ({ distance_km: km }) => amountText(km) },
    {
      label: "By odometer",
      hint: "the rest along the track",
      isNumber: true,
      cell: ({ odometer_percent: share }) => percentText(share),
    },
    { label: "Driving", isNumber: true, cell: ({ driving_hours: hours }) => hoursText(hours) },
    { label: "Mean speed", hint: "km/h", isNumber: true, cell: ({ mean_speed_kmh: kmh }) => amountText(kmh) },
    {
      label: "Harsh",
      hint: "braking · acceleration · cornering",
      isNumber: true,
      cell: ({ harsh_braking: braking, harsh_acceleration: acceleration, harsh_cornering: cornering }) =>
        `${braking} · ${acceleration} · ${cornering}`,
    },
    { label: "Stops", isNumber: true, cell: ({ stops }) => stops },
    { label: "Stood", hint: "between drives", isNumber: true, cell: ({ stopped_hours: hours }) => hoursText(hours) },
    {
      label: "Idled",
      hint: "ignition on, not driving",
      isNumber: true,
      cell: ({ idling_hours: hours }) => hoursText(hours),
    },
    ...(by === "vehicle" ? fuel : []),
  ];
  return (
    <ReportView
      question="What did each vehicle drive, and how long did it stand and idle?"
      note="Drives that ended in the period; of a place, the vehicles that stopped within its geofence, with all that they did. Idling is the driver's who had signed on, else the planned one's. Idling, fuel and odometer need a device that tells of its vehicle; a dash says that none does. Harsh driving is what devices have measured, or what the speeds of fixes at most 5 s apart show."
      use={USE}
      choices={
        <label>
          By
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
            <option value="vehicle">vehicle</option>
            <option value="driver">driver</option>
          </select>
        </label>
      }
      path={path}
      file="vehicles.csv"
      empty={
        path.includes("location_id=")
          ? "No vehicle has stopped within the geofence of this place in this period."
          : "There is no vehicle yet."
      }
      columns={columns}
      keyOf={(row) => `${row.vehicle_id} ${row.driver_id} ${row.driver_name}`}
    />
  );
}
