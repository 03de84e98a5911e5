import type { FactData, NewFact, RiskKind } from "../../../ingest/domain/fact.ts";

const RISK_WORDS: Readonly<Record<RiskKind, (risk: FactData["risk"]) => string>> = {
  off_route: ({ metres }) => `off its route${metres === undefined ? "" : ` by ${whole(metres)} m`}`,
  unscheduled_stop: () => "its vehicle stands where no stop is planned",
  separation: ({ metres }) => `apart from its vehicle${metres === undefined ? "" : ` by ${whole(metres)} m`}`,
  light: ({ lux }) => `light in it outside of any place${lux === undefined ? "" : `: ${whole(lux)} lux`}`,
  shipment_silent: () => "nothing is heard of it",
};
const QUANTITIES = { celsius: "temperature", humidity: "humidity", shock: "shock" } as const;

/** What an event says beside its readings, in words with units. */
export function notesOf(fact: NewFact): { note: string }[] {
  if (fact.type === "risk") return [{ note: RISK_WORDS[fact.data.kind](fact.data) }];
  if (fact.type === "risk_over") return [{ note: `over: ${RISK_WORDS[fact.data.kind](fact.data)}` }];
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
  return [
    { note: `${QUANTITIES[quantity]} ${valueOf(quantity, worst)}; allowed ${limits}, and ${minutes} min outside` },
  ];
}

const whole = (value: number): string => Math.round(value).toLocaleString("en-GB");

function valueOf(quantity: keyof typeof QUANTITIES, value: number): string {
  if (quantity === "humidity") return `${Math.round(value * 1_000) / 10} %`;
  return `${Math.round(value * 100) / 100} ${quantity === "celsius" ? "°C" : "g"}`;
}
