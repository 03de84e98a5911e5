import { etaText, PROMISE_LABELS } from "../../labels/eta.ts";
import { formatAge, formatDateTime } from "../../labels/times.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import type { Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { EtaQualityTable } from "./eta-quality.tsx";

/** When a shipment is expected, against its promise: by what this follows from, how old that is, and how good such estimates were. */
export function ShipmentEta({ shipment }: { shipment: Shipment }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const { eta, promise, due_at: due, origin_id: origin, destination_id: destination } = shipment;
  if (eta === null && promise === null) return null;
  const text = etaText(shipment, now, where);
  return (
    <section aria-label="Arrival">
      <h3>Arrival</h3>
      <p>
        {text !== null && <strong>{text}</strong>}{" "}
        {promise !== null && promise !== "unknown" && (
          <span class={`promise-tag ${promise}`}>{PROMISE_LABELS[promise]}</span>
        )}
        {due !== null && <span class="muted"> promised {formatDateTime(due, where)}</span>}
      </p>
      {eta !== null && eta.p50 !== null && eta.p90 !== null && eta.basis.kind !== "arrived" && (
        <p>
          About {formatDateTime(eta.p50, where)}; nine of ten by {formatDateTime(eta.p90, where)}.
        </p>
      )}
      {eta !== null && (
        <p class="muted">
          By {eta.basis.text}.
          {eta.position_at !== null && ` Its position was measured ${formatAge(eta.position_at, now)}.`}
          {eta.computed_at !== null && ` Computed ${formatAge(eta.computed_at, now)}.`}
        </p>
      )}
      {origin !== null && destination !== null && <EtaQualityTable originId={origin} destinationId={destination} />}
    </section>
  );
}
