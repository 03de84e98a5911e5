import { type Risk, RISKS, type Shipment } from "../state/resources.ts";
import { plainLabel } from "./status-labels.ts";

/** As its story says it: api/resources/shipments/event-notes.ts */
export const RISK_LABELS: Record<Risk, string> = {
  excursion: "out of its limits",
  off_route: "off its route",
  unscheduled_stop: "a stop where none is planned",
  separation: "apart from its vehicle",
  light: "light in it outside of any place",
  shipment_silent: "silence",
};

/** The risks of a shipment in words. That it is late, its promise says. */
export function riskLabels({ risks }: Pick<Shipment, "risks">): string[] {
  const known = RISKS.filter((risk) => risks.includes(risk)).map((risk) => RISK_LABELS[risk]);
  // A newer server may tell of risks that this page does not know.
  const others = risks.filter((risk) => risk !== "late" && !(risk in RISK_LABELS)).map(plainLabel);
  return [...known, ...others];
}
