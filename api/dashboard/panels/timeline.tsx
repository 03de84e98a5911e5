import { useEffect, useState } from "preact/hooks";
import { Problem, getAll } from "../state/client.ts";
import { timeZone } from "../state/clock.ts";
import { appData } from "../state/live.ts";
import type { Evidence, Shipment, ShipmentEvent } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { StageMark } from "../map/stage-mark.tsx";
import { STATUS_LABELS, eventLabel } from "../labels/status-labels.ts";
import { formatTime, formatDateTime } from "../labels/times.ts";

const MAX_EVENTS = 1000;

type EventsResult = { events: ShipmentEvent[] } | { problem: string } | undefined;

/** The events of the shipment; loaded again whenever it changes. */
function useEvents(shipment: Shipment): EventsResult {
  const [result, setResult] = useState<EventsResult>(undefined);
  useEffect(() => {
    const left = new AbortController();
    async function read(): Promise<void> {
      try {
        const { rows } = await getAll<ShipmentEvent>(`/shipments/${shipment.id}/events`, MAX_EVENTS);
        if (!left.signal.aborted) setResult({ events: rows });
      } catch (cause) {
        if (left.signal.aborted) return;
        if (!(cause instanceof Problem)) throw cause;
        setResult({ problem: cause.message });
      }
    }
    void read();
    return () => left.abort();
  }, [shipment.id, shipment.updated_at]);
  return result;
}

/** The shipment's events, newest first, each with its rule, confidence and evidence. */
export function Timeline({ shipment }: { shipment: Shipment }) {
  const result = useEvents(shipment);
  if (result === undefined) return <p class="empty">Loading the events …</p>;
  if ("problem" in result) return <p class="problem">The events could not be loaded: {result.problem}</p>;
  return (
    <section aria-label="Events">
      <h3>Events</h3>
      <ol class="timeline">
        {[...result.events].reverse().map((event) => (
          <TimelineEvent key={event.id} event={event} />
        ))}
      </ol>
    </section>
  );
}

function TimelineEvent({ event }: { event: ShipmentEvent }) {
  const { locations, vehicles } = useStore(appData);
  const where = useStore(timeZone);
  const place = event.location_id === null ? undefined : locations.get(event.location_id)?.name;
  const vehicle = event.vehicle_id === null ? undefined : vehicles.get(event.vehicle_id)?.name;
  return (
    <li>
      <StageMark stage={event.stage} />
      <div>
        <p>
          <strong>{eventLabel(event)}</strong>
          {place !== undefined && ` at ${place}`}
          {vehicle !== undefined && ` · ${vehicle}`}
        </p>
        <p class="muted">
          <time dateTime={event.at}>{formatDateTime(event.at, where)}</time>
          {event.between &&
            ` (between ${formatDateTime(event.between.from, where)} and ${formatDateTime(event.between.to, where)})`}
          {event.status !== null && ` · ${STATUS_LABELS[event.status]}`}
        </p>
        <p class="event-rule">
          rule <code>{event.rule}</code> · <Confidence share={event.confidence} />
          {event.evidence.map((piece, index) => (
            <span key={index}> · {evidenceText(piece, where)}</span>
          ))}
        </p>
      </div>
    </li>
  );
}

function evidenceText(piece: Evidence, where: "utc" | "local"): string {
  const source = piece.device_id ?? (piece.actor_id === undefined ? undefined : `person ${piece.actor_id}`);
  const at = piece.ts === undefined ? undefined : formatTime(piece.ts, where);
  return [source, piece.kind, at, piece.note].filter((word) => word !== undefined).join(" ");
}

function Confidence({ share }: { share: number }) {
  const percent = Math.round(share * 100);
  return (
    <span class="confidence" title="Confidence">
      <span class="confidence-bar" aria-hidden="true">
        <span style={{ width: `${percent}%` }} />
      </span>
      {percent} % sure
    </span>
  );
}
