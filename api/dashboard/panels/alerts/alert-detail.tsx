import { currentTime, timeZone } from "../../state/clock.ts";
import { appData, loaded } from "../../state/live.ts";
import { detailKey, openDetail, openVehicle, vehicleKey } from "../../state/navigation.ts";
import type { Alert } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { plainLabel } from "../../labels/status-labels.ts";
import { formatAge, formatDateTime } from "../../labels/times.ts";
import { DetailFrame, NotFound } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { AlertActions } from "./alert-actions.tsx";
import { severityLabel, SeverityMark } from "./severity-mark.tsx";
import { SentTo } from "./sent-to.tsx";

/** One alert: what is wrong, what to do next, its evidence, and what became of it. */
export function AlertDetail({ id }: { id: number }) {
  const { alerts, changes, locations } = useStore(appData);
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const known = alerts.get(id);
  // One that was resolved is in no list: it is read again when it changes.
  const found = useGet(known === undefined ? `/alerts/${id}` : undefined, changes.get(`alert:${id}`));
  const alert = known ?? found?.value;
  if (!useStore(loaded)) return null;
  if (alert === undefined || alert === null) {
    return found?.problem ? <NotFound label={`Alert ${id}`} problem={found.problem} /> : null;
  }
  const { severity, state, times, late, notifies } = alert;
  const place = alert.location_id === null ? null : (locations.get(alert.location_id)?.name ?? null);
  return (
    <DetailFrame label={`Alert: ${alert.title}`}>
      <h2>
        <SeverityMark severity={severity} /> {alert.title}
      </h2>
      <p class="next-step">{alert.next_step}</p>
      <Facts
        of={[
          ["State", state === "snoozed" ? `snoozed until ${formatDateTime(alert.snoozed_until!, where)}` : state],
          ["Severity", severityLabel(severity)],
          ["Kind", plainLabel(alert.type)],
          [alert.shipment_id === null ? "At" : "At, or on its way to", place],
          ["Happened", formatDateTime(alert.happened_at, where)],
          ["Opened", `${formatDateTime(alert.opened_at, where)} (${formatAge(alert.opened_at, now)})`],
          ["Known by", late ? `late data${notifies ? "" : ": nobody was told"}` : null],
          ["Times", times > 1 ? formatCount(times) : null],
          ["Assigned to", alert.assignee],
          ["Resolved", alert.resolved_at && formatDateTime(alert.resolved_at, where)],
          ["By", alert.state === "resolved" ? (alert.resolution ?? (alert.resolved_by ? null : "itself")) : null],
        ]}
      />
      <Evidence alert={alert} />
      <AlertActions alert={alert} />
      <SentTo alert={alert} version={changes.get(`alert:${id}`)} />
      <History alert={alert} version={changes.get(`alert:${id}`)} />
    </DetailFrame>
  );
}

/** Links to what the alert is about, where this page shows it. */
function Evidence({ alert }: { alert: Alert }) {
  const { inventory_item_id: stock, device_id: device, vehicle_id: vehicle, location_id: location } = alert;
  const opensShipment = alert.shipment_id === null ? null : ({ kind: "shipment", id: alert.shipment_id } as const);
  const opensTrip = alert.trip_id === null ? null : ({ kind: "trip", id: alert.trip_id } as const);
  const seesDevices = useMay(mayManage);
  const opens = stock !== null ? ({ kind: "stock", id: stock } as const) : null;
  const opensDevice = device !== null && seesDevices ? ({ kind: "device", id: device } as const) : null;
  const opensPlace =
    alert.type === "capacity" && location !== null ? ({ kind: "location", id: location } as const) : null;
  if (!opens && !opensDevice && !opensPlace && !opensShipment && !opensTrip && vehicle === null) return null;
  return (
    <p class="evidence-links">
      {opens && (
        <button type="button" class="link" data-opens={detailKey(opens)} onClick={() => openDetail(opens)}>
          Stock and its history
        </button>
      )}
      {opensShipment && (
        <button
          type="button"
          class="link"
          data-opens={detailKey(opensShipment)}
          onClick={() => openDetail(opensShipment)}
        >
          Shipment and its story
        </button>
      )}
      {opensTrip && (
        <button type="button" class="link" data-opens={detailKey(opensTrip)} onClick={() => openDetail(opensTrip)}>
          Trip, and what was loaded at its stops
        </button>
      )}
      {opensDevice && (
        <button type="button" class="link" data-opens={detailKey(opensDevice)} onClick={() => openDetail(opensDevice)}>
          Device and the quality of its data
        </button>
      )}
      {opensPlace && (
        <button type="button" class="link" data-opens={detailKey(opensPlace)} onClick={() => openDetail(opensPlace)}>
          The place, and how full it is
        </button>
      )}
      {vehicle !== null && (
        <button type="button" class="link" data-opens={vehicleKey(vehicle)} onClick={() => openVehicle(vehicle)}>
          Vehicle on the map
        </button>
      )}
    </p>
  );
}

function History({ alert, version }: { alert: Alert; version: number | undefined }) {
  const where = useStore(timeZone);
  const loaded = useGet(`/alerts/${alert.id}/history?limit=200`, version);
  if (loaded === undefined) return null;
  return (
    <section aria-label="History">
      <h3>History</h3>
      {loaded.problem !== null && <p class="problem">{loaded.problem}</p>}
      <ol class="alert-history">
        {loaded.value?.toReversed().map(({ id, at, action, actor_name, note }) => (
          <li key={id}>
            <span class="age">{formatDateTime(at, where)}</span> {plainLabel(action)}
            {actor_name !== null && <span class="muted"> by {actor_name}</span>}
            {note !== null && <span class="muted"> · {note}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
