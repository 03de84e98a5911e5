import { appData } from "../state/live.ts";
import type { Person } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { TABS, type Tab, updateView, view } from "../state/view.ts";
import { Devices } from "./devices.tsx";
import { Shipments } from "./shipments.tsx";
import { Vehicles } from "./vehicles.tsx";

const TAB_LABELS: Record<Tab, string> = { shipments: "Shipments", vehicles: "Vehicles", devices: "Devices" };

function selectAdjacentTab(event: KeyboardEvent, tab: Tab): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
  updateView({ tab: next });
  document.getElementById(`tab-${next}`)?.focus();
}

export function Sidebar({ person }: { person: Person }) {
  const { tab } = useStore(view);
  const now = useStore(appData);
  const counts: Record<Tab, number> = {
    shipments: now.shipments.size,
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
            onClick={() => updateView({ tab: name })}
          >
            {TAB_LABELS[name]} <span class="count">{counts[name].toLocaleString("en-GB")}</span>
          </button>
        ))}
      </div>
      <div class="panel" id="sidebar-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "shipments" && <Shipments />}
        {tab === "vehicles" && <Vehicles />}
        {tab === "devices" && <Devices person={person} />}
      </div>
    </section>
  );
}
