import { formatDateTime, formatDuration } from "../../../labels/times.ts";
import { formatCount } from "../../../labels/quantities.ts";
import { timeZone } from "../../../state/clock.ts";
import { useStore } from "../../../state/store.ts";
import type { Report } from "./chart-data.ts";
import { QUANTITY_LABELS, unitOf } from "./quantity-labels.ts";

const SHOWN = 5;

/** When the goods were out of what their shipment allows: the first, and how many there are. */
export function Excursions({ report }: { report: Report }) {
  const where = useStore(timeZone);
  const { excursions, excursion_count: count } = report;
  if (count === 0) return null;
  return (
    <>
      <h4>Excursions: {formatCount(count)}</h4>
      <ul class="plain" aria-label="Excursions">
        {excursions.slice(0, SHOWN).map(({ quantity, from, to, worst }) => (
          <li key={`${quantity} ${from}`}>
            {QUANTITY_LABELS[quantity]}: {formatDateTime(from, where)}
            {to === null
              ? ", it goes on"
              : quantity === "shock"
                ? ""
                : ` for ${formatDuration(Date.parse(to) - Date.parse(from))}`}
            , at worst {(worst * unitOf(quantity)[1]).toLocaleString("en-GB", { maximumFractionDigits: 1 })}{" "}
            {unitOf(quantity)[0]}
          </li>
        ))}
      </ul>
      <More shown={SHOWN} count={count} />
    </>
  );
}

/** When nobody knows how the goods were kept: the first silences, and how many there are. */
export function Gaps({ report }: { report: Report }) {
  const where = useStore(timeZone);
  const { gaps, gap_count: count, gap_minutes: minutes } = report;
  if (count === 0) return null;
  return (
    <>
      <h4>Gaps: {formatCount(count)}</h4>
      <p class="muted">Silent for more than {minutes} min: nobody knows how it was kept then.</p>
      <ul class="plain" aria-label="Gaps">
        {gaps.slice(0, SHOWN).map(({ quantity, from, to }) => (
          <li key={`${quantity} ${from}`}>
            {QUANTITY_LABELS[quantity]}: {formatDateTime(from, where)} for{" "}
            {formatDuration(Date.parse(to) - Date.parse(from))}
          </li>
        ))}
      </ul>
      <More shown={SHOWN} count={count} />
    </>
  );
}

const More = ({ shown, count }: { shown: number; count: number }) =>
  count > shown ? <p class="muted">The first {shown}; all are in the report.</p> : null;
