import { loaded, appData } from "../../state/live.ts";
import { STAGES, type Shipment, type Stage } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { detailKey, refineView } from "../../state/navigation.ts";
import { view } from "../../state/view.ts";
import type { AppData } from "../../state/app-data.ts";
import { StageMark } from "../../map/stage-mark.tsx";
import { STAGE_LABELS, STATUS_LABELS } from "../../labels/status-labels.ts";
import { formatCount } from "../../labels/quantities.ts";
import { PROFILE_LABELS } from "./conditions/conditions-fields.ts";
import { EtaQualityTable } from "../eta/eta-quality.tsx";
import { PromiseChips } from "../eta/promise-chips.tsx";
import { NewShipment } from "./new-shipment.tsx";
import { RiskFilter } from "./risk-chips.tsx";
import { ShipmentRow } from "./shipment-row.tsx";
import { ExportLink, exportQuery } from "../controls/export-link.tsx";
import { useRowKeys } from "../controls/use-row-keys.ts";

/** The promises of the chips as the API filters by them; it has no filter for the others. */
const PROMISE_FILTERS: Readonly<Record<string, Record<string, string>>> = {
  late: { late: "true" },
  at_risk: { at_risk: "true" },
};

/** Rows drawn at most; the search finds the rest. */
const MAX_ROWS = 200;

function matches(shipment: Shipment, data: AppData, search: string): boolean {
  const destination = data.locations.get(shipment.destination_id ?? 0)?.name ?? "";
  const vehicle = data.vehicles.get(shipment.vehicle_id ?? 0)?.name ?? "";
  const text = [
    shipment.tracking_number,
    shipment.product_name,
    STATUS_LABELS[shipment.status],
    destination,
    vehicle,
    shipment.reference ?? "",
    ...shipment.profiles.map((profile) => PROFILE_LABELS[profile]),
  ];
  return text.join("\n").toLowerCase().includes(search.trim().toLowerCase());
}

/** The shipment whose stage changed last comes first. */
function newestFirst(a: Shipment, b: Shipment): number {
  return Date.parse(b.stage_since) - Date.parse(a.stage_since) || b.id - a.id;
}

function soonestDueFirst(a: Shipment, b: Shipment): number {
  return Date.parse(a.due_at ?? "") - Date.parse(b.due_at ?? "") || a.id - b.id;
}

export function Shipments() {
  const now = useStore(appData);
  const ready = useStore(loaded);
  const { stage, promise, risks, search } = useStore(view);
  const all = [...now.shipments.values()];
  const found = all
    .filter((shipment) => (stage === null || shipment.stage === stage) && matches(shipment, now, search))
    .filter((shipment) => promise === null || shipment.promise === promise)
    .filter((shipment) => risks.length === 0 || risks.some((risk) => shipment.risks.includes(risk)))
    .sort(promise === null ? newestFirst : soonestDueFirst);
  const shown = found.slice(0, MAX_ROWS);
  const rowKeys = useRowKeys(shown.map(({ id }) => detailKey({ kind: "shipment", id })));
  return (
    <>
      <NewShipment />
      <StageChips shipments={all} chosen={stage} />
      <PromiseChips shipments={all} chosen={promise} />
      <RiskFilter shipments={all} chosen={risks} />
      <input
        class="search"
        type="search"
        placeholder="Search tracking number, product, destination, truck, profile"
        aria-label="Search shipments"
        value={search}
        onInput={(event) => refineView({ search: event.currentTarget.value })}
      />
      <p class="list-tools">
        <ExportLink
          href={`/exports/shipments.csv${exportQuery({
            ...{ stage, q: search.trim(), risk: risks.join(",") },
            ...PROMISE_FILTERS[promise ?? ""],
          })}`}
        />
      </p>
      {found.length === 0 && ready && <NoShipments none={all.length === 0} />}
      <ul class="rows" onKeyDown={rowKeys.onKeyDown}>
        {shown.map((shipment) => (
          <ShipmentRow key={shipment.id} shipment={shipment} data={now} opener={rowKeys.opener} />
        ))}
      </ul>
      {found.length > MAX_ROWS && (
        <p class="empty">
          Showing {MAX_ROWS} of {formatCount(found.length)}. Search to find others.
        </p>
      )}
      <EtaQualityTable />
      {now.truncated.includes("shipments") && <p class="empty">There are more shipments than this page loads.</p>}
    </>
  );
}

function NoShipments({ none }: { none: boolean }) {
  if (!none) return <p class="empty">No shipment matches.</p>;
  return (
    <p class="empty">
      No shipments yet. Create one with <code>POST /shipments</code> (see <a href="/docs">/docs</a>), or run{" "}
      <code>npm run demo</code> to see simulated data.
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
          onClick={() => refineView({ stage: stage === chosen ? null : stage })}
        >
          <span class="chip-label">
            <StageMark stage={stage} /> {STAGE_LABELS[stage]}
          </span>
          <strong>{shipments.filter((shipment) => shipment.stage === stage).length}</strong>
        </button>
      ))}
    </div>
  );
}
