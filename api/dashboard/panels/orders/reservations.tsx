import { formatQuantity } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { Order } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { useAll } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";

interface ReservationsProps {
  order: Order;
  mayFree: boolean;
  onChanged: () => void;
}

/** What is held for an order, where, and until when. */
export function Reservations({ order, mayFree, onChanged }: ReservationsProps) {
  const { locations } = useStore(appData);
  const where = useStore(timeZone);
  const { busy, problem, run } = useWrite();
  const loaded = useAll(`/reservations?order_id=${order.id}&limit=200`, order.updated_at);
  const held = loaded?.value ?? [];
  if (loaded?.problem) return <p class="problem">What is held could not be loaded: {loaded.problem}</p>;
  if (held.length === 0) return null;
  return (
    <section aria-label="Reservations">
      <h3>Held for it</h3>
      <ul class="lines">
        {held.map(({ id, name, quantity, unit, location_id: placeId, expires_at: until }) => (
          <li key={id}>
            <span class="grow">
              {formatQuantity(quantity, unit)} of {name}{" "}
              <span class="muted">at {locations.get(placeId)?.name ?? placeId}</span>
            </span>
            {until !== null && <span class="muted">until {formatDateTime(until, where)}</span>}
            {mayFree && (
              <button
                type="button"
                disabled={busy}
                onClick={() => void run(() => remove(`/reservations/${id}`)).then((isDone) => isDone && onChanged())}
              >
                Free
              </button>
            )}
          </li>
        ))}
      </ul>
      <ProblemText problem={problem} />
    </section>
  );
}
