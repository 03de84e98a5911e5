import { PROMISE_LABELS } from "../../labels/eta.ts";
import { formatCount } from "../../labels/quantities.ts";
import { refineView } from "../../state/navigation.ts";
import type { Shipment } from "../../state/resources.ts";
import type { View } from "../../state/view.ts";

/** How many shipments are late, and how many may become so; a click shows these alone. */
export function PromiseChips({ shipments, chosen }: { shipments: readonly Shipment[]; chosen: View["promise"] }) {
  return (
    <div class="promise-chips" role="group" aria-label="Shipments by promise">
      {(["late", "at_risk"] as const).map((promise) => (
        <button
          key={promise}
          type="button"
          class={`promise ${promise}`}
          aria-pressed={promise === chosen}
          onClick={() => refineView({ promise: promise === chosen ? null : promise })}
        >
          <span class={`promise-mark ${promise}`} aria-hidden="true" /> {PROMISE_LABELS[promise]}{" "}
          <strong>{formatCount(shipments.filter((shipment) => shipment.promise === promise).length)}</strong>
        </button>
      ))}
    </div>
  );
}
