import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { byUrgency } from "../alerts/alert-order.ts";
import { SeverityMark } from "../alerts/severity-mark.tsx";
import { RiskChips } from "./risk-chips.tsx";

/** What is wrong with a shipment now, with the alerts that say why. */
export function ShipmentRisks({ shipment }: { shipment: Shipment }) {
  const { alerts } = useStore(appData);
  if (shipment.risks.length === 0) return null;
  const about = [...alerts.values()].filter(({ shipment_id: id }) => id === shipment.id).sort(byUrgency);
  return (
    <section aria-label="Risks">
      <h3>Risks</h3>
      <RiskChips shipment={shipment} />
      <ul class="alerts-about" aria-label="Alerts about it">
        {about.map(({ id, severity, title }) => (
          <li key={id}>
            <SeverityMark severity={severity} />
            <button
              type="button"
              class="link"
              data-opens={detailKey({ kind: "alert", id })}
              onClick={() => openDetail({ kind: "alert", id })}
            >
              {title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
