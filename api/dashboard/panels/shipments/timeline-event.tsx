import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import { openVehicle, vehicleKey } from "../../state/navigation.ts";
import type { ShipmentEvent } from "../../state/resources.ts";
import { session } from "../../state/session.ts";
import { useStore } from "../../state/store.ts";
import { StageMark } from "../../map/stage-mark.tsx";
import { reporterLabel } from "../../labels/event-labels.ts";
import { STATUS_LABELS, eventLabel } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { EventReason } from "./event-reason.tsx";
import { ProofDetails } from "./proof-details.tsx";
import { VoidEvent } from "./void-event.tsx";

export interface TimelineEventProps {
  shipmentId: number;
  event: ShipmentEvent;
  /** the whole history */
  all: readonly ShipmentEvent[];
  mayVoid: boolean;
  /** something was void, or restored */
  onChanged: () => void;
}

/** One event: what happened, where and when, and why it is believed. */
export function TimelineEvent({ shipmentId, event, all, mayVoid, onChanged }: TimelineEventProps) {
  const { vehicles } = useStore(appData);
  const where = useStore(timeZone);
  const now = useStore(session);
  const me = now.at === "signed-in" ? now.person : undefined;
  if (event.voids !== null) return <Void {...{ shipmentId, event, all, mayVoid, onChanged }} />;
  const { voided, vehicle_id: vehicleId } = event;
  const isVoid = voided !== null;
  const voidedBy =
    voided === null || voided.actor_id === null
      ? voided?.actor_name
      : reporterLabel({ actor_id: voided.actor_id }, voided.actor_name, me);
  return (
    <li class={isVoid ? "void" : undefined}>
      <StageMark stage={event.stage} />
      <div>
        <p class={isVoid ? "struck" : undefined}>
          <strong>{eventLabel(event)}</strong>
          {event.location_id !== null && (
            <>
              {" at "}
              <PlaceLink id={event.location_id} />
            </>
          )}
          {vehicleId !== null && (
            <>
              {" · "}
              <button
                type="button"
                class="link"
                data-opens={vehicleKey(vehicleId)}
                onClick={() => openVehicle(vehicleId)}
              >
                {vehicles.get(vehicleId)?.name ?? `vehicle ${vehicleId}`}
              </button>
            </>
          )}
        </p>
        <p class="muted">
          <time dateTime={event.at}>{formatDateTime(event.at, where)}</time>
          {event.between &&
            ` (between ${formatDateTime(event.between.from, where)} and ${formatDateTime(event.between.to, where)})`}
          {!isVoid && ` · ${STATUS_LABELS[event.status]}`}
        </p>
        {isVoid && (
          <p class="void-reason">
            Void: {voided.reason}{" "}
            <span class="muted">
              ({voidedBy ?? "another system"}, {formatDateTime(voided.at, where)})
            </span>
          </p>
        )}
        <ProofDetails shipmentId={shipmentId} event={event} />
        <EventReason event={event} me={me} />
        {mayVoid && !isVoid && event.type !== "created" && (
          <VoidEvent shipmentId={shipmentId} event={event} onChanged={onChanged} />
        )}
      </div>
    </li>
  );
}

/** That somebody has called an event wrong, or right again. */
function Void({ shipmentId, event, all, mayVoid, onChanged }: TimelineEventProps) {
  const where = useStore(timeZone);
  const now = useStore(session);
  const me = now.at === "signed-in" ? now.person : undefined;
  const { event_id: about, reason, restores } = event.voids!;
  const target = all.find(({ id, voids }) => id === about && voids === null);
  const what = target === undefined ? `event ${about}` : `“${eventLabel(target)}”`;
  const holds = target?.voided?.event_id === event.id;
  const who = reporterLabel(event.evidence[0] ?? {}, event.actor_name, me) ?? "somebody";
  return (
    <li>
      <StageMark stage={event.stage} />
      <div>
        <p>
          <strong>{restores ? "Restored" : "Called wrong"}</strong>: {what}
          {target !== undefined && <> of {formatDateTime(target.at, where)}</>}
        </p>
        <p>{reason}</p>
        <p class="muted">
          <time dateTime={event.at}>{formatDateTime(event.at, where)}</time> · {who}
        </p>
        {mayVoid && holds && <VoidEvent shipmentId={shipmentId} event={event} onChanged={onChanged} />}
      </div>
    </li>
  );
}
