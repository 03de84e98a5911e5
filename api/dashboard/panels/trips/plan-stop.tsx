import { appData } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { type DraftPlan, type DraftStop, loadableAt, unloadingOf } from "./trip-plan.ts";

interface PlanStopProps {
  at: number;
  plan: DraftPlan;
  locations: readonly (readonly [id: number, name: string])[];
  onChange: (plan: DraftPlan) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
}

/** One stop of a plan: where, when, and what is loaded there. */
export function PlanStop({ at, plan, locations, onChange, onMove, onRemove }: PlanStopProps) {
  const { stops } = plan;
  const stop = stops[at]!;
  const name = `Stop ${at + 1}`;
  const change = (changed: Partial<DraftStop>) =>
    onChange({ ...plan, stops: stops.map((one) => (one.key === stop.key ? { ...one, ...changed } : one)) });
  return (
    <li aria-label={name}>
      <div class="inline-form">
        <label>
          {`${name} at`}
          <select
            required
            value={stop.locationId ?? ""}
            onChange={({ currentTarget: { value } }) => change({ locationId: value === "" ? null : Number(value) })}
          >
            <option value="">–</option>
            {locations.map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          Window from
          <input
            type="datetime-local"
            required
            value={stop.from}
            onChange={({ currentTarget: { value } }) => change({ from: value })}
          />
        </label>
        <label>
          to
          <input
            type="datetime-local"
            required
            value={stop.to}
            onChange={({ currentTarget: { value } }) => change({ to: value })}
          />
        </label>
        <span class="plan-moves">
          <button type="button" aria-label={`${name} earlier`} disabled={at === 0} onClick={() => onMove(at - 1)}>
            ↑
          </button>
          <button
            type="button"
            aria-label={`${name} later`}
            disabled={at === stops.length - 1}
            onClick={() => onMove(at + 1)}
          >
            ↓
          </button>
          <button type="button" aria-label={`Remove ${name}`} disabled={stops.length === 1} onClick={onRemove}>
            ×
          </button>
        </span>
      </div>
      <StopGoods at={at} plan={plan} onChange={onChange} />
    </li>
  );
}

/** What is at the stop's place, to be chosen; and where it is unloaded. */
function StopGoods({ at, plan, onChange }: Pick<PlanStopProps, "at" | "plan" | "onChange">) {
  const { shipments, locations } = useStore(appData);
  const { stops } = plan;
  const stop = stops[at]!;
  const later = stops.slice(at + 1);
  if (stop.locationId === null) return null;
  const here = loadableAt(stop.locationId, shipments.values(), locations);
  const chosen = [...plan.shipments].filter(([, { load }]) => load === stop.key).map(([id]) => id);
  const known = new Set(here.map(({ id }) => id));
  const others = chosen.flatMap((id) => (known.has(id) ? [] : (shipments.get(id) ?? [])));
  const brought = [...plan.shipments].filter(([, { unload }]) => unload === stop.key).length;
  const set = (id: number, load: number | null, unload: number | null): void => {
    const next = new Map(plan.shipments);
    if (load === null) next.delete(id);
    else next.set(id, { load, unload });
    onChange({ ...plan, shipments: next });
  };
  return (
    <>
      {brought > 0 && <p class="muted">{formatCount(brought)} unloaded here</p>}
      {later.length > 0 && here.length + others.length > 0 && (
        <details class="plan-goods">
          <summary>
            Load here: {formatCount(chosen.length)} of {formatCount(here.length + others.length)} shipments
          </summary>
          <ul>
            {[...here, ...others].map((shipment) => {
              const { id, tracking_number: number, product_name: product } = shipment;
              const planned = plan.shipments.get(id);
              const isChosen = planned?.load === stop.key;
              const isElsewhere = planned !== undefined && !isChosen;
              return (
                <li key={id}>
                  <label>
                    <input
                      type="checkbox"
                      checked={isChosen}
                      disabled={isElsewhere}
                      onChange={({ currentTarget: { checked } }) =>
                        set(id, checked ? stop.key : null, unloadingOf(shipment, later, locations))
                      }
                    />{" "}
                    {number} {product}
                  </label>
                  {isChosen && (
                    <label>
                      {" "}
                      to{" "}
                      <select
                        aria-label={`${number} is unloaded at`}
                        value={planned.unload ?? ""}
                        onChange={({ currentTarget: { value } }) => set(id, stop.key, Number(value))}
                      >
                        {later.map(({ key, locationId }, index) => (
                          <option key={key} value={key}>
                            {`stop ${at + 2 + index}`}
                            {locationId !== null && `: ${locations.get(locationId)?.name}`}
                          </option>
                        ))}
                      </select>
                    </label>
                  )}
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </>
  );
}
