import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { Evidence, Shipment, ShipmentEvent } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { StageMark } from "../../map/stage-mark.tsx";
import { STATUS_LABELS, eventLabel } from "../../labels/status-labels.ts";
import { formatTime, formatDateTime } from "../../labels/times.ts";
import { useAll } from "../controls/use-load.ts";
import { ProofDetails } from "./proof-details.tsx";

/** The shipment's events, newest first, each with its rule, confidence and evidence. */
export function Timeline({ shipment }: { shipment: Shipment }) {
  const loaded = useAll(`/shipments/${shipment.id}/events`, shipment.updated_at);
  if (loaded === undefined) return <p class="empty">Loading the events …</p>;
  if (loaded.problem !== null) return <p class="problem">The events could not be loaded: {loaded.problem}</p>;
  return (
    <section aria-label="Events">
      <h3>Events</h3>
      <ol class="timeline">
        {[...loaded.value].reverse().map((event) => (
          <TimelineEvent key={event.id} shipmentId={shipment.id} event={event} />
        ))}
      </ol>
    </section>
  );
}

function TimelineEvent({ shipmentId, event }: { shipmentId: number; event: ShipmentEvent }) {
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
        <ProofDetails shipmentId={shipmentId} event={event} />
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
  const source = piece.device_id ?? reporterOf(piece);
  const at = piece.ts === undefined ? undefined : formatTime(piece.ts, where);
  return [source, piece.kind, at, piece.note].filter((word) => word !== undefined).join(" ");
}

function reporterOf({ actor_id: user, client_id: client }: Evidence): string | undefined {
  if (user !== undefined) return `person ${user}`;
  return client === undefined ? undefined : `API client ${client}`;
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
