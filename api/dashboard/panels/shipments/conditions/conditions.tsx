import { formatAge, formatDateTime, formatDuration } from "../../../labels/times.ts";
import { formatCount } from "../../../labels/quantities.ts";
import { currentTime, timeZone } from "../../../state/clock.ts";
import { appData } from "../../../state/live.ts";
import type { Shipment } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { Facts } from "../../controls/facts.tsx";
import { useLoad } from "../../controls/use-load.ts";
import { getChecked } from "../../../state/client.ts";
import type { Figures, Report } from "./chart-data.ts";
import { Excursions, Gaps } from "./excursions-and-gaps.tsx";
import { QUANTITY_LABELS, unitOf } from "./quantity-labels.ts";
import { ConditionsChart } from "../../panels-later.tsx";

const VERDICTS: Record<Figures["verdict"], string> = {
  in_range: "in range all the time",
  out_of_range: "out of range",
  gaps: "in range as far as it was measured, with gaps",
  not_measured: "not measured",
  no_limit: "no limit is set",
};
/** So often it is read again while the page is open: readings of a probe change no shipment. */
const REFRESH_MS = 30_000;
/** Most shipments have no limits and no probe: nobody waits for theirs. */
const REFRESH_WITHOUT_LIMITS_MS = 300_000;
const MINUTE_MS = 60_000;

/** How the goods were kept: figures with their age, a chart, excursions, gaps, and the report to hand on. */
export function ShipmentConditions({ shipment }: { shipment: Shipment }) {
  const { changes } = useStore(appData);
  const now = useStore(currentTime);
  const isOpen = !["delivered", "returned", "cancelled"].includes(shipment.status);
  const refreshMs = shipment.conditions === null ? REFRESH_WITHOUT_LIMITS_MS : REFRESH_MS;
  const turn = isOpen ? Math.floor(now / refreshMs) : 0;
  const path = `/shipments/${shipment.id}/conditions` as const;
  const version = `${shipment.updated_at} ${changes.get(`shipment:${shipment.id}`) ?? ""} ${turn}`;
  const loaded = useLoad<Report>(path, version, (signal) => getChecked(path, signal));
  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">Its conditions could not be loaded: {loaded.problem}</p>;
  const report = loaded.value;
  const hasFigures = report.quantities.length > 0;
  if (shipment.conditions === null && !hasFigures) return null;
  return (
    <section aria-label="Conditions" class="conditions">
      <h3>Conditions</h3>
      {shipment.conditions !== null && !hasFigures && (
        <p class="muted">Its conditions name no limit that can be measured.</p>
      )}
      {hasFigures && report.quantities.every(({ verdict }) => verdict === "no_limit") && (
        <p class="muted">No limits are set for this shipment: this is what was measured, and nothing is judged.</p>
      )}
      {report.quantities.map((figures) => (
        <Quantity key={figures.quantity} report={report} figures={figures} />
      ))}
      <Excursions report={report} />
      <Gaps report={report} />
      {hasFigures && (
        <p class="evidence-links">
          <a href={`${path}?format=pdf`} download={`conditions-${shipment.tracking_number}.pdf`}>
            Report for the client, PDF
          </a>
          <a href={`${path}?format=csv`} download={`conditions-${shipment.tracking_number}.csv`}>
            CSV
          </a>
        </p>
      )}
    </section>
  );
}

function Quantity({ report, figures }: { report: Report; figures: Figures }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const { quantity, allowed, verdict, lowest, highest, mean_kinetic_temperature: mkt } = figures;
  const [unit, scale] = unitOf(quantity);
  const shown = (value: number) => `${(value * scale).toLocaleString("en-GB", { maximumFractionDigits: 1 })} ${unit}`;
  const at = (time: string) => formatDateTime(time, where);
  const limits = [
    allowed.min === null ? "" : `${shown(allowed.min)} at least`,
    allowed.max === null ? "" : `${shown(allowed.max)} at most`,
  ];
  const minutes = (of: number | null) => (of === null ? null : formatMinutes(of));
  const hasLimit = verdict !== "no_limit";
  return (
    <div class="quantity">
      <h4>
        {QUANTITY_LABELS[quantity]}{" "}
        <span class={verdict === "in_range" || !hasLimit ? "muted" : "late"}>{VERDICTS[verdict]}</span>
      </h4>
      <Facts
        of={[
          ["Allowed", hasLimit ? limits.filter(Boolean).join(", ") : null],
          [
            "Out of range",
            figures.minutes_out_of_range === null && hasLimit
              ? `${formatCount(figures.readings_out_of_range)} readings`
              : minutes(figures.minutes_out_of_range),
          ],
          ["In range", minutes(figures.minutes_in_range)],
          ["Measured", hasLimit ? null : minutes(figures.minutes_measured)],
          ["In gaps", minutes(figures.minutes_in_gaps)],
          ["Lowest", lowest && `${shown(lowest.value)}, ${at(lowest.at)}`],
          ["Highest", highest && `${shown(highest.value)}, ${at(highest.at)}`],
          [
            "Mean kinetic",
            mkt &&
              `${shown(mkt.celsius)} over the worst ${mkt.window_hours.toLocaleString("en-GB", { maximumFractionDigits: 1 })} h`,
          ],
          [
            "Last reading",
            figures.last_reading_at &&
              `${formatAge(figures.last_reading_at, now)}, of ${formatCount(figures.readings)}`,
          ],
        ]}
      />
      <ConditionsChart
        report={report}
        figures={figures}
        unit={unit}
        scale={scale}
        label={`${QUANTITY_LABELS[quantity]} over the time: ${VERDICTS[verdict]}`}
      />
    </div>
  );
}

const formatMinutes = (minutes: number): string =>
  minutes < 120
    ? `${minutes.toLocaleString("en-GB", { maximumFractionDigits: 1 })} min`
    : `${formatDuration(minutes * MINUTE_MS)} (${formatCount(Math.round(minutes))} min)`;
