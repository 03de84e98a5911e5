import { formatQuantity } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Row } from "../../state/operations.ts";
import { useStore } from "../../state/store.ts";

type Arrival = Row<"/stock-outlooks">["arrivals"][number];

const PROBLEMS: Record<NonNullable<Arrival["problem"]>, string> = {
  not_aboard: "no vehicle carries it yet",
  no_geofence: "this place has no geofence",
  no_position: "its vehicle has not been heard for a quarter of an hour",
  too_little_history: "its vehicle has been followed for less than ten minutes",
  not_moving: "its vehicle does not move",
};

/** The shipments on their way here: when each will be here, and what that follows from. */
export function StockArrivals({ arrivals, unit }: { arrivals: readonly Arrival[]; unit: string }) {
  const where = useStore(timeZone);
  if (arrivals.length === 0) return null;
  return (
    <ul class="timeline" aria-label="On its way">
      {arrivals.map((arrival) => {
        const { shipment_id: id, quantity, eta, vehicle_name: vehicle, in_time: isInTime } = arrival;
        return (
          <li key={id}>
            <p>
              <button
                type="button"
                class="link"
                data-opens={detailKey({ kind: "shipment", id })}
                onClick={() => openDetail({ kind: "shipment", id })}
              >
                {formatQuantity(quantity, unit)}
              </button>
              {vehicle !== null && ` with ${vehicle}`}
              {eta !== null && `, about ${formatDateTime(eta, where)}`}
            </p>
            <p class="muted">{basisOf(arrival)}</p>
            {!isInTime && <p class="problem">▲ Goods that are ordered now would be here earlier: it does not count.</p>}
          </li>
        );
      })}
    </ul>
  );
}

/** "62 km straight, at 48 km/h in the last 60 minutes" */
function basisOf({ basis, problem, distance_m: metres, speed_mps: speed, observed_minutes: minutes }: Arrival): string {
  const km = metres === null ? null : `${(metres / 1_000).toFixed(metres < 10_000 ? 1 : 0)} km straight`;
  if (basis === "arrived") return "Its vehicle is here";
  if (basis === "lane_history") return `${km}, as long as vehicles took from there before`;
  const known = basis === "default" ? "A guess at 60 km/h" : "Arrival not known";
  if (problem !== null) return [`${known}: ${PROBLEMS[problem]}`, km].filter(Boolean).join(" · ");
  return `${km}, at ${Math.round((speed ?? 0) * 3.6)} km/h in the last ${minutes} minutes, three tenths more for the road`;
}
