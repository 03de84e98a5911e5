import { appData } from "../state/live.ts";
import { goTo, refineView } from "../state/navigation.ts";
import type { Person } from "../state/roles.ts";
import { useStore } from "../state/store.ts";
import { needsSomebody } from "./alerts/alert-order.ts";
import { type Detail, TABS, type Tab, view } from "../state/view.ts";
import { formatCount } from "../labels/quantities.ts";
import { AlertDetail } from "./alerts/alert-detail.tsx";
import { Alerts } from "./alerts/alerts.tsx";
import {
  Assets,
  Audit,
  DeviceDetail,
  Devices,
  LotDetail,
  Lots,
  OrderDetail,
  Orders,
  PickListDetail,
  SerialDetail,
  Serials,
  TripDetail,
  Trips,
} from "./panels-later.tsx";
import { ItemDetail } from "./places/item-detail.tsx";
import { LocationDetail } from "./places/location-detail.tsx";
import { ShipmentDetail } from "./shipments/shipment-detail.tsx";
import { Shipments } from "./shipments/shipments.tsx";
import { StockDetail } from "./stock/stock-detail.tsx";
import { Vehicles } from "./vehicles.tsx";

const TAB_LABELS: Record<Tab, string> = {
  shipments: "Shipments",
  alerts: "Alerts",
  vehicles: "Vehicles",
  trips: "Trips",
  orders: "Orders",
  lots: "Lots",
  serials: "Serials",
  assets: "Assets",
  devices: "Devices",
  audit: "Audit",
};

function selectAdjacentTab(event: KeyboardEvent, tab: Tab): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
  refineView({ tab: next, detail: null });
  document.getElementById(`tab-${next}`)?.focus();
}

/** The lists, one at a time, and what was opened in place of its list. */
export function Sidebar({ person }: { person: Person }) {
  const { tab, detail } = useStore(view);
  const now = useStore(appData);
  const counts: Partial<Record<Tab, number>> = {
    shipments: now.shipments.size,
    alerts: [...now.alerts.values()].filter(needsSomebody).length,
    vehicles: now.vehicles.size,
    devices: now.devices.size,
  };
  return (
    <section class="sidebar" aria-label="Lists">
      <div class="tabs" role="tablist" onKeyDown={(event) => selectAdjacentTab(event, tab)}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            aria-controls="sidebar-panel"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => goTo({ tab: name, detail: null })}
          >
            {TAB_LABELS[name]} <span class="count">{counts[name] !== undefined && formatCount(counts[name])}</span>
          </button>
        ))}
      </div>
      <div class="panel" id="sidebar-panel" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${tab}`}>
        {detail === null ? <List tab={tab} person={person} /> : <OpenDetail detail={detail} />}
      </div>
    </section>
  );
}

function List({ tab, person }: { tab: Tab; person: Person }) {
  if (tab === "shipments") return <Shipments />;
  if (tab === "alerts") return <Alerts person={person} />;
  if (tab === "vehicles") return <Vehicles />;
  if (tab === "trips") return <Trips />;
  if (tab === "orders") return <Orders />;
  if (tab === "lots") return <Lots />;
  if (tab === "serials") return <Serials />;
  if (tab === "assets") return <Assets />;
  if (tab === "devices") return <Devices person={person} />;
  return <Audit person={person} />;
}

function OpenDetail({ detail }: { detail: Detail }) {
  const key = `${detail.kind} ${detail.id}`;
  if (detail.kind === "shipment") return <ShipmentDetail key={key} id={detail.id} />;
  if (detail.kind === "alert") return <AlertDetail key={key} id={detail.id} />;
  if (detail.kind === "stock") return <StockDetail key={key} id={detail.id} />;
  if (detail.kind === "item") return <ItemDetail key={key} id={detail.id} />;
  if (detail.kind === "location") return <LocationDetail key={key} id={detail.id} />;
  if (detail.kind === "order") return <OrderDetail key={key} id={detail.id} />;
  if (detail.kind === "picks") return <PickListDetail key={key} id={detail.id} />;
  if (detail.kind === "lot") return <LotDetail key={key} id={detail.id} />;
  if (detail.kind === "trip") return <TripDetail key={key} id={detail.id} />;
  if (detail.kind === "serial") return <SerialDetail key={key} id={detail.id} />;
  return <DeviceDetail key={key} id={detail.id} />;
}
