import type { ComponentChildren } from "preact";
import { STAGE_LABELS } from "../labels/status-labels.ts";
import { choicesOf } from "../panels/controls/use-items.ts";
import { useLoad } from "../panels/controls/use-load.ts";
import { getAll } from "../state/client.ts";
import { serverNow } from "../state/clock.ts";
import { STAGES, type Stage } from "../state/resources.ts";
import { createStore, useStore } from "../state/store.ts";

/** What people have chosen; it is the same on all pages of Analytics. */
interface Filter {
  /** how long it lasts until now, and since when that was; null: what the report takes by default */
  period: { hours: number; from: string } | null;
  stage: Stage | "";
  locationId: string;
}

const chosen = createStore<Filter>({ period: null, stage: "", locationId: "" });

const PERIODS = [
  [24, "24 hours"],
  [24 * 7, "7 days"],
  [24 * 30, "30 days"],
  [24 * 90, "90 days"],
  [24 * 365, "a year"],
] as const;
const HOUR_MS = 3_600_000;
const MOST_PLACES = 5_000;

const periodOf = (hours: number) => ({ hours, from: new Date(serverNow() - hours * HOUR_MS).toISOString() });

export interface FilterUse {
  /** of the period, when nothing is chosen */
  defaultHours?: number;
  hasStage?: boolean;
}

/** The query that the filter asks for, as far as a report takes it. */
export function useFilterQuery({ defaultHours, hasStage = true }: FilterUse): string {
  const { period, stage, locationId } = useStore(chosen);
  const query = new URLSearchParams();
  if (defaultHours !== undefined && period !== null) query.set("from", period.from);
  if (hasStage && stage !== "") query.set("stage", stage);
  if (locationId !== "") query.set("location_id", locationId);
  return query.toString();
}

/** Period, stage and place, and what else a report asks for. */
export function FilterForm({
  use: { defaultHours, hasStage = true },
  children,
}: {
  use: FilterUse;
  children?: ComponentChildren;
}) {
  const now = useStore(chosen);
  const set = (change: Partial<Filter>) => chosen.set({ ...chosen.get(), ...change });
  const places = useLoad("places of analytics", null, async (signal) =>
    choicesOf((await getAll("/locations?limit=200", MOST_PLACES, signal)).rows),
  );
  return (
    <form class="analytics-filter" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      {defaultHours !== undefined && (
        <label>
          Period
          <select
            value={String(now.period?.hours ?? defaultHours)}
            onChange={(event) => set({ period: periodOf(Number(event.currentTarget.value)) })}
          >
            {PERIODS.map(([hours, label]) => (
              <option key={hours} value={hours}>
                last {label}
              </option>
            ))}
          </select>
        </label>
      )}
      {hasStage && (
        <label>
          Stage
          <select value={now.stage} onChange={(event) => set({ stage: event.currentTarget.value as Stage | "" })}>
            <option value="">all</option>
            {STAGES.map((stage) => (
              <option key={stage} value={stage}>
                {STAGE_LABELS[stage]}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Place
        <select value={now.locationId} onChange={(event) => set({ locationId: event.currentTarget.value })}>
          <option value="">all</option>
          {(places?.value ?? []).map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {children}
    </form>
  );
}
