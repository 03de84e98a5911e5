import { world } from "../state/live.ts";
import type { Person } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { TABS, type Tab, look, view } from "../state/view.ts";
import { Devices } from "./devices.tsx";
import { Shipments } from "./shipments.tsx";
import { Vehicles } from "./vehicles.tsx";

const TAB_WORDS: Record<Tab, string> = { shipments: "Shipments", vehicles: "Vehicles", devices: "Devices" };

function stepTab(event: KeyboardEvent, tab: Tab): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (step === 0) return;
  const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? tab;
  look({ tab: next });
  document.getElementById(`tab-${next}`)?.focus();
}

export function Side({ person }: { person: Person }) {
  const { tab } = useStore(view);
  const now = useStore(world);
  const counts: Record<Tab, number> = {
    shipments: now.shipments.size,
    vehicles: now.vehicles.size,
    devices: now.devices.size,
  };
  return (
    <section class="side" aria-label="Lists">
      <div class="tabs" role="tablist" onKeyDown={(event) => stepTab(event, tab)}>
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === tab}
            aria-controls="side-panel"
            tabIndex={name === tab ? 0 : -1}
            onClick={() => look({ tab: name })}
          >
            {TAB_WORDS[name]} <span class="count">{counts[name].toLocaleString("en-GB")}</span>
          </button>
        ))}
      </div>
      <div class="panel" id="side-panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "shipments" && <Shipments />}
        {tab === "vehicles" && <Vehicles />}
        {tab === "devices" && <Devices person={person} />}
      </div>
    </section>
  );
}
