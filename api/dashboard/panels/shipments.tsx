import { second } from "../state/clock.ts";
import { loaded, world } from "../state/live.ts";
import { STAGES, type Shipment, type Stage } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { look, view } from "../state/view.ts";
import type { World } from "../state/app-data.ts";
import { StageMark } from "../map/stage-mark.tsx";
import { STAGE_WORDS, STATUS_WORDS } from "../labels/status-labels.ts";
import { age } from "../labels/times.ts";
import { useFlash } from "./flash.ts";
import { ShipmentDetail } from "./shipment-detail.tsx";

/** Rows drawn at once; the search narrows the rest. */
const MOST_DRAWN = 200;

function matches(shipment: Shipment, world: World, search: string): boolean {
  const destination = world.locations.get(shipment.destination_id ?? 0)?.name ?? "";
  const vehicle = world.vehicles.get(shipment.vehicle_id ?? 0)?.name ?? "";
  const text = [
    shipment.tracking_number,
    shipment.product_name,
    STATUS_WORDS[shipment.status],
    destination,
    vehicle,
    shipment.reference ?? "",
  ];
  return text.join("\n").toLowerCase().includes(search.trim().toLowerCase());
}

/** The newest change first: what has just happened is at the top. */
function newestFirst(a: Shipment, b: Shipment): number {
  return Date.parse(b.stage_since) - Date.parse(a.stage_since) || b.id - a.id;
}

export function Shipments() {
  const now = useStore(world);
  const ready = useStore(loaded);
  const { stage, search, shipmentId } = useStore(view);
  const chosen = shipmentId === null ? undefined : now.shipments.get(shipmentId);
  if (chosen !== undefined) return <ShipmentDetail shipment={chosen} />;

  const all = [...now.shipments.values()];
  const found = all
    .filter((shipment) => (stage === null || shipment.stage === stage) && matches(shipment, now, search))
    .sort(newestFirst);
  return (
    <>
      <StageChips shipments={all} chosen={stage} />
      <input
        class="search"
        type="search"
        placeholder="Search tracking number, product, destination, truck"
        aria-label="Search shipments"
        value={search}
        onInput={(event) => look({ search: event.currentTarget.value })}
      />
      {shipmentId !== null && ready && <p class="empty">Shipment {shipmentId} is not among those you may see.</p>}
      {found.length === 0 && ready && <NoShipments none={all.length === 0} />}
      <ul class="rows">
        {found.slice(0, MOST_DRAWN).map((shipment) => (
          <ShipmentRow key={shipment.id} shipment={shipment} world={now} />
        ))}
      </ul>
      {found.length > MOST_DRAWN && (
        <p class="empty">
          {MOST_DRAWN} of {found.length.toLocaleString("en-GB")} shown: search to narrow them.
        </p>
      )}
      {now.cut.includes("shipments") && <p class="empty">There are more shipments than this page reads.</p>}
    </>
  );
}

function NoShipments({ none }: { none: boolean }) {
  if (!none) return <p class="empty">No shipment matches.</p>;
  return (
    <p class="empty">
      No shipments yet. Create one with <code>POST /shipments</code> (see <a href="/docs">/docs</a>), or run{" "}
      <code>npm run demo</code> for a simulated world.
    </p>
  );
}

function StageChips({ shipments, chosen }: { shipments: Shipment[]; chosen: Stage | null }) {
  return (
    <div class="chips" role="group" aria-label="Shipments by stage">
      {STAGES.map((stage) => (
        <button
          key={stage}
          type="button"
          class={`chip ${stage}`}
          aria-pressed={stage === chosen}
          onClick={() => look({ stage: stage === chosen ? null : stage })}
        >
          <span class="chip-word">
            <StageMark stage={stage} /> {STAGE_WORDS[stage]}
          </span>
          <strong>{shipments.filter((shipment) => shipment.stage === stage).length}</strong>
        </button>
      ))}
    </div>
  );
}

function ShipmentRow({ shipment, world }: { shipment: Shipment; world: World }) {
  const now = useStore(second);
  const flash = useFlash(world.changes.get(`shipment:${shipment.id}`));
  const destination = world.locations.get(shipment.destination_id ?? 0)?.name;
  const vehicle = world.vehicles.get(shipment.vehicle_id ?? 0)?.name;
  const place = world.locations.get(shipment.location_id ?? 0)?.name;
  const late = shipment.due_at !== null && Date.parse(shipment.due_at) < now && shipment.stage !== "delivery";
  return (
    <li class={flash}>
      <button type="button" class="row" onClick={() => look({ shipmentId: shipment.id })}>
        <span class="row-main">
          <span class="row-title">{shipment.product_name}</span>
          <span class={`status ${shipment.stage} ${shipment.status}`}>
            <StageMark stage={shipment.stage} /> {STATUS_WORDS[shipment.status]}
          </span>
        </span>
        <span class="row-more">
          <span class="code">{shipment.tracking_number}</span>
          <span>× {shipment.quantity.toLocaleString("en-GB")}</span>
          <span class="grow">
            {vehicle ?? place ?? ""}
            {destination !== undefined && destination !== place && ` → ${destination}`}
          </span>
          {late && <span class="late">late</span>}
          <span class="age">{age(shipment.stage_since, now)}</span>
        </span>
      </button>
    </li>
  );
}
