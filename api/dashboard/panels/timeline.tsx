import { useEffect, useState } from "preact/hooks";
import { Problem, getAll } from "../state/client.ts";
import { zone } from "../state/clock.ts";
import { world } from "../state/live.ts";
import type { Evidence, Shipment, ShipmentEvent } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { StageMark } from "../map/stage-mark.tsx";
import { STATUS_WORDS, eventWord } from "../labels/status-labels.ts";
import { clockTime, dayAndTime } from "../labels/times.ts";

const MOST_EVENTS = 1000;

type Told = { events: ShipmentEvent[] } | { problem: string } | undefined;

/** The events of the shipment, read again whenever it changes. */
function useEvents(shipment: Shipment): Told {
  const [told, setTold] = useState<Told>(undefined);
  useEffect(() => {
    const left = new AbortController();
    async function read(): Promise<void> {
      try {
        const { rows } = await getAll<ShipmentEvent>(`/shipments/${shipment.id}/events`, MOST_EVENTS);
        if (!left.signal.aborted) setTold({ events: rows });
      } catch (cause) {
        if (left.signal.aborted) return;
        if (!(cause instanceof Problem)) throw cause;
        setTold({ problem: cause.message });
      }
    }
    void read();
    return () => left.abort();
  }, [shipment.id, shipment.updated_at]);
  return told;
}

/** What happened, newest first, with who or what says so. */
export function Timeline({ shipment }: { shipment: Shipment }) {
  const told = useEvents(shipment);
  if (told === undefined) return <p class="empty">Reading the events …</p>;
  if ("problem" in told) return <p class="problem">The events could not be read: {told.problem}</p>;
  return (
    <section aria-label="Events">
      <h3>Events</h3>
      <ol class="timeline">
        {[...told.events].reverse().map((event) => (
          <TimelineEvent key={event.id} event={event} />
        ))}
      </ol>
    </section>
  );
}

function TimelineEvent({ event }: { event: ShipmentEvent }) {
  const { locations, vehicles } = useStore(world);
  const where = useStore(zone);
  const place = event.location_id === null ? undefined : locations.get(event.location_id)?.name;
  const vehicle = event.vehicle_id === null ? undefined : vehicles.get(event.vehicle_id)?.name;
  return (
    <li>
      <StageMark stage={event.stage} />
      <div>
        <p>
          <strong>{eventWord(event)}</strong>
          {place !== undefined && ` at ${place}`}
          {vehicle !== undefined && ` · ${vehicle}`}
        </p>
        <p class="quiet">
          <time dateTime={event.at}>{dayAndTime(event.at, where)}</time>
          {event.status !== null && ` · ${STATUS_WORDS[event.status]}`}
        </p>
        <p class="why">
          rule <code>{event.rule}</code> · <Confidence share={event.confidence} />
          {event.evidence.map((piece, index) => (
            <span key={index}> · {evidenceWord(piece, where)}</span>
          ))}
        </p>
      </div>
    </li>
  );
}

function evidenceWord(piece: Evidence, where: "utc" | "local"): string {
  const source = piece.device_id ?? (piece.actor_id === undefined ? undefined : `person ${piece.actor_id}`);
  const at = piece.ts === undefined ? undefined : clockTime(piece.ts, where);
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
