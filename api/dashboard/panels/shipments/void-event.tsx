import { eventLabel } from "../../labels/status-labels.ts";
import { post } from "../../state/client.ts";
import type { ShipmentEvent } from "../../state/resources.ts";
import { Action } from "../controls/action.tsx";
import { InlineForm } from "../controls/inline-form.tsx";

interface VoidEventProps {
  shipmentId: number;
  event: ShipmentEvent;
  onChanged: () => void;
}

/** Of what a vehicle did there is one fact for all that is aboard. */
const OF_VEHICLE = new Set(["departed", "arrived", "passed", "trip_started"]);

/** Calls an event wrong, with a reason: the story is told anew without it. Of such a call: takes it back. */
export function VoidEvent({ shipmentId, event, onChanged }: VoidEventProps) {
  const isVoid = event.voids !== null;
  const label = isVoid ? "It was right after all …" : "This is wrong …";
  return (
    <Action label={label}>
      {(onDone) => (
        <InlineForm
          label={isVoid ? "Restore the event" : `Void “${eventLabel(event)}”`}
          action={isVoid ? "Restore it" : "Void it"}
          onSubmit={async (field) => {
            await post(`/shipments/${shipmentId}/events/${event.id}/void`, { reason: field("reason") });
            onDone();
            onChanged();
          }}
        >
          <label>
            Why
            <input name="reason" required minLength={3} maxLength={500} autocomplete="off" placeholder="wrong truck" />
          </label>
          {OF_VEHICLE.has(event.type) && <p class="muted">It is void for everything that this vehicle carried.</p>}
          {event.rule === "reader-aboard" && (
            <p class="muted">It follows from the reads of its tag aboard: these are void then.</p>
          )}
        </InlineForm>
      )}
    </Action>
  );
}
