import { useState } from "preact/hooks";
import type { Shipment } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useAll } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { TimelineEvent } from "./timeline-event.tsx";

/** The shipment's events, newest first, each with the reasons why it is believed; what is void is struck out. */
export function Timeline({ shipment }: { shipment: Shipment }) {
  const [changes, setChanges] = useState(0);
  const mayVoid = useMay(mayManage);
  const loaded = useAll(`/shipments/${shipment.id}/events`, `${shipment.updated_at} ${changes}`);
  if (loaded === undefined) return <p class="empty">Loading the events …</p>;
  if (loaded.problem !== null) return <p class="problem">The events could not be loaded: {loaded.problem}</p>;
  return (
    <section aria-label="Events">
      <h3>Events</h3>
      <ol class="timeline">
        {[...loaded.value].reverse().map((event) => (
          <TimelineEvent
            key={`${event.id} ${event.type}`}
            shipmentId={shipment.id}
            event={event}
            all={loaded.value}
            mayVoid={mayVoid}
            onChanged={() => setChanges((before) => before + 1)}
          />
        ))}
      </ol>
    </section>
  );
}
