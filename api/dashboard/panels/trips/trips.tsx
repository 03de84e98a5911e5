import { useState } from "preact/hooks";
import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import { openDetail } from "../../state/navigation.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { ExportLink, exportQuery } from "../controls/export-link.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { DockBoard } from "./dock-board.tsx";
import { PlanTrip } from "./plan-trip.tsx";
import { TripBoard } from "./trip-board.tsx";
import { useTripsVersion } from "./use-trips.ts";

/** To the hour: the link need not change with each tick of the clock. */
const dayOf = (ms: number): string => new Date(Math.floor(ms / HOUR_MS) * HOUR_MS).toISOString();

const HOUR_MS = 3_600_000;
const MAX_TRIPS = 1000;
const PERIODS = {
  now: { label: "Yesterday to tomorrow", before: 24, after: 48 },
  week: { label: "Next seven days", before: 0, after: 24 * 7 },
  past: { label: "Last seven days", before: 24 * 7, after: 0 },
} as const;

/** Planned tours against what vehicles have made of them: by vehicle, or by the places where they stop. */
export function Trips() {
  const now = useStore(currentTime);
  const version = useTripsVersion();
  const [by, setBy] = useState<"vehicle" | "dock">("vehicle");
  const [period, setPeriod] = useState<keyof typeof PERIODS>("now");
  const [plans, setPlans] = useState(0);
  const isPlanner = useMay(mayManage);
  const { before, after } = PERIODS[period];
  const loaded = useLoad(`trips ${period}`, `${version} ${plans}`, (signal) => {
    const [from, to] = [now - before * HOUR_MS, now + after * HOUR_MS].map((ms) => new Date(ms).toISOString());
    return getAll(`/trips?limit=200&from=${from}&to=${to}`, MAX_TRIPS, signal);
  });
  return (
    <>
      {isPlanner && (
        <Action label="Plan a trip">
          {(onDone) => (
            <PlanTrip
              onDone={(id) => {
                onDone();
                setPlans((before) => before + 1);
                openDetail({ kind: "trip", id });
              }}
            />
          )}
        </Action>
      )}
      <p class="board-bar">
        <label>
          <span class="hidden">Board by</span>
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as typeof by)}>
            <option value="vehicle">By vehicle</option>
            <option value="dock">By dock</option>
          </select>
        </label>
        <label>
          <span class="hidden">Period</span>
          <select value={period} onChange={(event) => setPeriod(event.currentTarget.value as typeof period)}>
            {Object.entries(PERIODS).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <ExportLink
          href={`/exports/trips.csv${exportQuery({ from: dayOf(now - before * HOUR_MS), to: dayOf(now + after * HOUR_MS) })}`}
        />
      </p>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The trips could not be loaded: {loaded.problem}</p>}
      {loaded?.value?.rows.length === 0 && <p class="empty">No trips are planned in this time.</p>}
      {loaded?.value && by === "vehicle" && <TripBoard trips={loaded.value.rows} />}
      {loaded?.value && by === "dock" && <DockBoard trips={loaded.value.rows} />}
      {loaded?.value?.complete === false && <p class="empty">There are more trips than this page loads.</p>}
    </>
  );
}
