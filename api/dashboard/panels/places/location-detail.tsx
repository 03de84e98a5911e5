import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { LOCATION_KIND_LABELS, STAGE_LABELS, STATUS_LABELS } from "../../labels/status-labels.ts";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { useFound } from "../controls/use-found.ts";
import { CustomFacts } from "../custom/custom-facts.tsx";
import { OpenCounts } from "./open-counts.tsx";
import { PlaceLink } from "./place-link.tsx";
import { PrintedLabel } from "./printed-label.tsx";
import { StockList } from "./stock-list.tsx";
import { Utilisation } from "./utilisation.tsx";

const MAX_SHIPMENTS = 100;

/** One location: what it is, which stock it keeps, and which shipments are there. */
export function LocationDetail({ id }: { id: number }) {
  const { locations, stock, shipments } = useStore(appData);
  const loaded = useFound(locations.get(id), `/locations/${id}`);
  const place = loaded?.value;
  return (
    <DetailFrame label={`Location ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The location could not be loaded: {loaded.problem}</p>}
      {place && (
        <>
          <h2>{place.name}</h2>
          <Facts
            of={[
              ["Stage", place.stage && STAGE_LABELS[place.stage]],
              ["Kind", place.kind && LOCATION_KIND_LABELS[place.kind]],
              ["Storage category", place.storage_category],
              ["Barcode", place.barcode],
              ["GLN", place.gln],
              ["Time zone", place.time_zone],
              ["Lies in", place.parent_id && <PlaceLink id={place.parent_id} />],
            ]}
          />
          {(place.kind === "receiving" || place.kind === "quality") && (
            <p>
              <a href={`#/put-away/${id}`}>Put its goods away</a>
            </p>
          )}
          <PrintedLabel of={`/locations/${id}`} />
          <Utilisation place={place} />
          <OpenCounts locationId={id} />
          <CustomFacts thing="locations" id={id} />
          <StockList
            positions={[...stock.values()].filter((position) => position.location_id === id)}
            by="product"
            id={id}
          />
          <ShipmentList shipments={[...shipments.values()].filter((shipment) => shipment.location_id === id)} />
        </>
      )}
    </DetailFrame>
  );
}

function ShipmentList({ shipments }: { shipments: readonly Shipment[] }) {
  return (
    <section aria-label="Shipments here">
      <h3>Shipments</h3>
      {shipments.length === 0 && <p class="muted">None is here.</p>}
      <ul class="lines">
        {shipments.slice(0, MAX_SHIPMENTS).map(({ id, product_name, status }) => (
          <li key={id}>
            <button
              type="button"
              class="link grow"
              data-opens={detailKey({ kind: "shipment", id })}
              onClick={() => openDetail({ kind: "shipment", id })}
            >
              {product_name}
            </button>
            <span>{STATUS_LABELS[status]}</span>
          </li>
        ))}
      </ul>
      {shipments.length > MAX_SHIPMENTS && <p class="muted">and {shipments.length - MAX_SHIPMENTS} more</p>}
    </section>
  );
}
