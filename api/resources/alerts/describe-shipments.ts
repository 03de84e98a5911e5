import type { AlertType } from "../../../ingest/domain/alert/rule.ts";
import type { AlertRow, AlertDescription } from "./alert-row.ts";

const goods = ({ tracking_number, product_name }: AlertRow): string =>
  `${product_name ?? "Goods"} (${tracking_number ?? "a shipment"})`;

/** What was measured, with its unit, and what is allowed. */
const QUANTITIES: Readonly<Record<string, { unit: string; below: string; above: string }>> = {
  celsius: { unit: "°C", below: "too cold", above: "too warm" },
  humidity: { unit: "% relative humidity", below: "too dry", above: "too damp" },
  shock: { unit: "g", below: "shaken", above: "dropped or hit" },
};

const shown = (quantity: unknown, value: unknown): string => {
  const number = Number(value);
  if (!Number.isFinite(number)) return "?";
  return String(Math.round((quantity === "humidity" ? number * 100 : number) * 10) / 10);
};

function excursion(row: AlertRow): string {
  const { quantity = "celsius", worst, min, max, minutes } = row.detail;
  const { unit, below, above } = QUANTITIES[String(quantity)] ?? QUANTITIES["celsius"]!;
  const isAbove = typeof max === "number" && Number(worst) > max;
  const allowed = [
    typeof min === "number" ? `${shown(quantity, min)} at least` : "",
    typeof max === "number" ? `${shown(quantity, max)} at most` : "",
  ].filter(Boolean);
  const time = quantity === "shock" ? "" : ` for more than ${Number(minutes)} min`;
  return `${goods(row)}: ${isAbove ? above : below}${time}, ${shown(quantity, worst)} ${unit} (allowed: ${allowed.join(", ")})`;
}

const links = (row: AlertRow): AlertDescription["evidence"] => [
  { title: "Shipment", href: `/shipments/${row.shipment_id}` },
  { title: "What has happened to it", href: `/shipments/${row.shipment_id}/events` },
  ...(typeof row.detail["device_id"] === "string"
    ? [{ title: "Device", href: `/devices/${encodeURIComponent(row.detail["device_id"])}` }]
    : []),
];

const rounded = (value: unknown): string => String(Math.round(Number(value ?? 0)));

const BASES: Readonly<Record<string, (runs: unknown) => string>> = {
  lane_history: (runs) => `by ${rounded(runs)} earlier runs of its lane`,
  vehicle_speed: () => "by the speed of its truck in the last hour",
  default: () => "a guess at 60 km/h",
  arrived: () => "its truck is there",
};

/** A time in UTC, as people read it without a zone of their own. */
const clock = (time: unknown): string => {
  const [day = "", of = ""] = String(time).split("T");
  return `${day} ${of.slice(0, 5)} UTC`;
};

function late(row: AlertRow): string {
  const { cause, due_at, eta, minutes_late, basis, runs } = row.detail;
  const due = `it was due ${clock(due_at)}`;
  if (cause === "overdue" && eta === null) return `${goods(row)}: ${due}, and is not delivered`;
  const expected = `expected ${clock(eta)}, ${BASES[String(basis)]?.(runs) ?? "by an estimate"}`;
  if (cause === "overdue") return `${goods(row)}: ${due}, and is not delivered; ${expected}`;
  return `${goods(row)}: late by about ${rounded(minutes_late)} min; due ${clock(due_at)}, ${expected}`;
}

/** Alerts about shipments, in words. */
export const SHIPMENT_DESCRIPTIONS = {
  excursion: (row) => ({
    title: excursion(row),
    next_step: "Have the cooling and the doors looked at now. Hold the goods until quality has judged the report.",
    evidence: [...links(row), { title: "Report of its conditions", href: `/shipments/${row.shipment_id}/conditions` }],
  }),
  off_route: (row) => ({
    title: `${goods(row)}: ${rounded(row.detail["metres"])} m away from its route`,
    next_step: "Call the driver. Without an answer, tell security and the police where it was last.",
    evidence: [...links(row), { title: "Its track", href: `/shipments/${row.shipment_id}/track` }],
  }),
  unscheduled_stop: (row) => ({
    title: `${goods(row)}: stands where no stop is planned`,
    next_step: "Call the driver, and ask why and how long.",
    evidence: [...links(row), { title: "Its track", href: `/shipments/${row.shipment_id}/track` }],
  }),
  separation: (row) => ({
    title: `${goods(row)}: ${rounded(row.detail["metres"])} m away from the truck that carries it`,
    next_step: "Call the driver, and have the load checked. The goods' own tracker tells where they are.",
    evidence: [...links(row), { title: "Its track", href: `/shipments/${row.shipment_id}/track` }],
  }),
  light: (row) => ({
    title: `${goods(row)}: ${rounded(row.detail["lux"])} lux on the goods, away from any known place`,
    next_step: "Somebody may have opened the load. Call the driver, and have the seal checked.",
    evidence: links(row),
  }),
  shipment_silent: (row) => ({
    title: `${goods(row)}: its tracker has been silent while it is under way`,
    next_step: "Call the driver. Is the tracker powered, and does it reach the network?",
    evidence: [...links(row), { title: "Its track", href: `/shipments/${row.shipment_id}/track` }],
  }),
  late: (row) => ({
    title: late(row),
    next_step:
      row.detail["cause"] === "overdue" && row.detail["eta"] === null
        ? "Find out where the goods are, and tell whoever waits for them a new time. Then change when it is due."
        : "Call the driver, and tell whoever waits for the goods. If they cannot wait, send them from another place.",
    evidence: [...links(row), { title: "Its track", href: `/shipments/${row.shipment_id}/track` }],
  }),
} satisfies Partial<Record<AlertType, (row: AlertRow) => AlertDescription>>;
