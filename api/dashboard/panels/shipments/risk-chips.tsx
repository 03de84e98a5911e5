import { RISK_LABELS, riskLabels } from "../../labels/risks.ts";
import { formatCount } from "../../labels/quantities.ts";
import { refineView } from "../../state/navigation.ts";
import { type Risk, RISKS, type Shipment } from "../../state/resources.ts";

interface RiskFilterProps {
  shipments: readonly Shipment[];
  chosen: readonly Risk[];
}

/** How many shipments have each risk; a click shows these alone, another click those of one more risk. A risk that none has takes no room. */
export function RiskFilter({ shipments, chosen }: RiskFilterProps) {
  const counts = RISKS.map((risk) => ({ risk, count: shipments.filter(({ risks }) => risks.includes(risk)).length }));
  const shown = counts.filter(({ risk, count }) => count > 0 || chosen.includes(risk));
  if (shown.length === 0) return null;
  const toggled = (risk: Risk) => RISKS.filter((each) => chosen.includes(each) !== (each === risk));
  return (
    <div class="promise-chips" role="group" aria-label="Shipments by risk">
      {shown.map(({ risk, count }) => (
        <button
          key={risk}
          type="button"
          class="promise"
          aria-pressed={chosen.includes(risk)}
          onClick={() => refineView({ risks: toggled(risk) })}
        >
          <span class="promise-mark risk" aria-hidden="true" /> {RISK_LABELS[risk]}{" "}
          <strong>{formatCount(count)}</strong>
        </button>
      ))}
    </div>
  );
}

/** The risks of one shipment, a chip for each. */
export function RiskChips({ shipment }: { shipment: Shipment }) {
  const words = riskLabels(shipment);
  if (words.length === 0) return null;
  return (
    <span class="risks">
      {words.map((each) => (
        <span key={each} class="promise-tag risk">
          {each}
        </span>
      ))}
    </span>
  );
}
