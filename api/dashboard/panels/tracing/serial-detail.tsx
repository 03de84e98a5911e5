import { PIECE_STATE_LABELS, SERIAL_EVENT_LABELS } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import { getAll } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail, openVehicle, detailKey, vehicleKey } from "../../state/navigation.ts";
import type { Serial, SerialEvent } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { useGet, useLoad } from "../controls/use-load.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { LotLink } from "./lot-link.tsx";
import { useReads } from "./use-reads.ts";

const MAX_EVENTS = 400;

/** One piece: where it is, where it was, and through whose hands it went. */
export function SerialDetail({ id }: { id: number }) {
  const [reads] = useReads();
  const loaded = useGet(`/serials/${id}`, reads);
  const piece = loaded?.value;
  return (
    <DetailFrame label={`Piece ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The piece could not be loaded: {loaded.problem}</p>}
      {piece && (
        <>
          <PieceFacts piece={piece} />
          <PieceHistory piece={piece} version={reads} />
        </>
      )}
    </DetailFrame>
  );
}

function PieceFacts({ piece }: { piece: Serial }) {
  const where = useStore(timeZone);
  const { state, location_id: locationId, vehicle_id: vehicleId } = piece;
  return (
    <>
      <h2>{piece.name}</h2>
      <p class="code">{piece.serial}</p>
      <p>
        <strong>{state === null ? "Nobody knows where it is" : PIECE_STATE_LABELS[state]}</strong>{" "}
        {locationId !== null && <PlaceLink id={locationId} />}{" "}
        {piece.since !== null && <span class="muted">since {formatDateTime(piece.since, where)}</span>}
      </p>
      <Facts
        of={[
          ["GTIN", piece.gtin],
          ["SKU", piece.sku],
          [
            "Lot",
            piece.lot !== null && piece.lot_id !== null ? <LotLink id={piece.lot_id} number={piece.lot} /> : piece.lot,
          ],
          ["Tag", piece.epc && <span class="code">{piece.epc}</span>],
          ["Vehicle", vehicleId && <VehicleLink id={vehicleId} />],
        ]}
      />
    </>
  );
}

function VehicleLink({ id }: { id: number }) {
  const { vehicles } = useStore(appData);
  return (
    <button type="button" class="link" data-opens={vehicleKey(id)} onClick={() => openVehicle(id)}>
      {vehicles.get(id)?.name ?? `vehicle ${id}`}
    </button>
  );
}

function PieceHistory({ piece, version }: { piece: Serial; version: number }) {
  const path = `/serials/${piece.id}/events?limit=200` as const;
  const loaded = useLoad(path, version, (signal) => getAll(path, MAX_EVENTS, signal));
  if (loaded?.problem) return <p class="problem">Its history could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value) return <p class="empty">Loading …</p>;
  return (
    <section aria-label="History">
      <h3>History</h3>
      <ol class="timeline" aria-label="Where it was, newest first">
        {loaded.value.rows.map((event) => (
          <PieceEvent key={event.id} event={event} />
        ))}
      </ol>
      {!loaded.value.complete && <p class="empty">The newest {MAX_EVENTS} are listed.</p>}
    </section>
  );
}

function PieceEvent({ event }: { event: SerialEvent }) {
  const where = useStore(timeZone);
  const { device_id: device, actor_id: actor } = event;
  return (
    <li>
      <p>
        <strong>{SERIAL_EVENT_LABELS[event.event]}</strong>{" "}
        {event.location_id !== null && <PlaceLink id={event.location_id} />}
        {event.vehicle_id !== null && <VehicleLink id={event.vehicle_id} />}
        {event.repeats && <span class="muted"> · once more: it counts once</span>}
      </p>
      <p class="muted">
        <time dateTime={event.at}>{formatDateTime(event.at, where)}</time>
        {device !== null && (
          <>
            {" · "}
            <button
              type="button"
              class="link"
              data-opens={detailKey({ kind: "device", id: device })}
              onClick={() => openDetail({ kind: "device", id: device })}
            >
              {device}
            </button>
          </>
        )}
        {actor !== null && ` · person ${actor}`}
        {event.lot !== null && ` · lot ${event.lot}`}
      </p>
    </li>
  );
}
