import type { NewFact, RiskKind } from "../../../ingest/domain/fact.ts";

const RISK_LABELS: Readonly<Record<RiskKind, string>> = {
  off_route: "off its route",
  unscheduled_stop: "a stop where none is planned",
  separation: "apart from its vehicle",
  light: "light in it outside of any place",
  shipment_silent: "silence",
};
const QUANTITIES = { celsius: "temperature", humidity: "humidity", shock: "shock" } as const;

/** What an event says beside its readings, in words with units. */
export function notesOf(fact: NewFact): { note: string }[] {
  if (fact.type === "risk") {
    const { kind, metres, lux } = fact.data;
    const measured = metres === undefined ? (lux === undefined ? [] : [`${whole(lux)} lux`]) : [`${whole(metres)} m`];
    return [{ note: [RISK_LABELS[kind], ...measured].join(", ") }];
  }
  if (fact.type === "risk_over") return [{ note: `over: ${RISK_LABELS[fact.data.kind]}` }];
  if (fact.type === "excursion_over") {
    const { quantity, worst } = fact.data;
    return [{ note: `${QUANTITIES[quantity]} was ${valueOf(quantity, worst)} at worst` }];
  }
  if (fact.type !== "excursion") return [];
  const { quantity, worst, min, max, minutes } = fact.data;
  const limits = [
    ...(min === null ? [] : [`from ${valueOf(quantity, min)}`]),
    ...(max === null ? [] : [`up to ${valueOf(quantity, max)}`]),
  ].join(" ");
  const outside = minutes === 0 ? "" : `, and ${minutes} min outside`;
  return [{ note: `${QUANTITIES[quantity]} ${valueOf(quantity, worst)}; allowed ${limits}${outside}` }];
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");

function valueOf(quantity: keyof typeof QUANTITIES, value: number): string {
  if (quantity === "humidity") return `${Math.round(value * 1_000) / 10} %`;
  return `${Math.round(value * 100) / 100} ${quantity === "celsius" ? "°C" : "g"}`;
}
