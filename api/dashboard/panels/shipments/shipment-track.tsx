import { useEffect } from "preact/hooks";
import { extendTrack, fitTrack, showTrack, shownTrack, trackOf } from "../../map/track.ts";
import { appData } from "../../state/live.ts";
import type { Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { useGet } from "../controls/use-load.ts";
import { PlaybackBar } from "./playback-bar.tsx";

/** Points closer than this to the line are left out, metres. */
const SIMPLIFY_METRES = 20;

/** Draws the way the shipment has gone on the map, and says when there is none to draw. */
export function ShipmentTrack({ shipment }: { shipment: Shipment }) {
  const { vehicles } = useStore(appData);
  const path = `/shipments/${shipment.id}/track?simplify=${SIMPLIFY_METRES}` as const;
  const loaded = useGet(path, shipment.updated_at);
  const carrier = shipment.vehicle_id === null ? undefined : vehicles.get(shipment.vehicle_id)?.position;
  const read = loaded?.value ?? null;
  useEffect(() => {
    if (read !== null) showTrack(shipment.id, trackOf(read));
  }, [read]);
  // While it is on its way, its track grows with its vehicle.
  useEffect(() => {
    if (read !== null && carrier) extendTrack(carrier);
  }, [read, carrier]);
  useEffect(() => () => shownTrack.set(null), [shipment.id]);

  if (loaded === undefined) return null;
  if (loaded.problem !== null) return <p class="problem">The track could not be loaded: {loaded.problem}</p>;
  if (loaded.value.geometry === null) {
    return <p class="muted">No track: no vehicle with a tracker has carried it.</p>;
  }
  return (
    <>
      <p>
        <button type="button" class="link" onClick={fitTrack}>
          Show its track on the map
        </button>
      </p>
      <PlaybackBar />
    </>
  );
}
