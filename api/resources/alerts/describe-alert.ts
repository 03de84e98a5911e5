import type { AlertType } from "../../../ingest/domain/alert/rule.ts";
import type { AlertRow, AlertDescription } from "./alert-row.ts";
import type { Alert } from "./schema.ts";
import { SHIPMENT_DESCRIPTIONS } from "./describe-shipments.ts";
import { harshDriving, loadMismatch } from "./describe-trips.ts";

/** Puts an alert in words: what is wrong with what, what to do next, and where its evidence is. */
export function describeAlert(row: AlertRow): Alert & { version: number } {
  const { item_name: _, location_name: __, vehicle_name: ___, device_name: ____, ...rest } = row;
  const { tracking_number: _____, product_name: ______, ...alert } = rest;
  return { ...alert, ...DESCRIPTIONS[alert.type](row) };
}

const number = (value: unknown): string => (typeof value === "number" ? String(value) : "?");
/** To three digits after the point at most. */
const amount = (value: unknown): string => number(typeof value === "number" ? Math.round(value * 1000) / 1000 : value);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const shelf = ({ item_name, location_name }: AlertRow): string =>
  `${item_name ?? "A product"}${location_name === null ? "" : ` at ${location_name}`}`;
const device = ({ device_id, device_name }: AlertRow): string => device_name ?? device_id ?? "A device";
const vehicle = ({ vehicle_name }: AlertRow): string => vehicle_name ?? "A vehicle";

const stockLinks = ({ inventory_item_id: id }: AlertRow): AlertDescription["evidence"] => [
  { title: "Stock", href: `/inventory-items/${id}` },
  { title: "Counts and movements", href: `/inventory-items/${id}/events` },
];
const deviceLinks = ({ device_id }: AlertRow): AlertDescription["evidence"] => {
  const path = `/devices/${encodeURIComponent(device_id ?? "")}`;
  return [
    { title: "Device", href: path },
    { title: "Quality of its data", href: `${path}/quality` },
  ];
};

const integrationLinks = ({ subject }: AlertRow): AlertDescription["evidence"] => {
  const [, webhook] = /^integration:webhook-(\d+)$/.exec(subject) ?? [];
  if (isErp(subject)) return [{ title: "ERP", href: "/erp" }];
  return [
    ...(webhook === undefined ? [] : [{ title: "Deliveries", href: `/webhooks/${webhook}/deliveries` }]),
    { title: "Log of events", href: "/event-log" },
  ];
};

const isErp = (subject: string): boolean => subject.startsWith("integration:erp-");

/** What goes wrong with another system. */
function integrationState({ subject, detail }: AlertRow): string {
  if (isErp(subject)) return detail["off"] === true ? "is not tried any longer" : "is not in step";
  if (subject.startsWith("integration:missed-")) return "was too far behind";
  return detail["off"] === true ? "is turned off" : "is not told what happens";
}

const COUNT_REASONS: Readonly<Record<string, string>> = {
  disagreement: "its sensors and its ledger disagree",
  overdrawn: "more was taken than was known to be there",
  overflow: "more was put there than can be counted",
  reader_silent: "its reader is silent, and the last count may be old",
};

const DESCRIPTIONS: Readonly<Record<AlertType, (row: AlertRow) => AlertDescription>> = {
  ...SHIPMENT_DESCRIPTIONS,
  load_mismatch: loadMismatch,
  harsh_driving: harshDriving,
  low_stock: (row) => ({
    title: `${shelf(row)}: ${number(row.detail["projected"])} left, with what is on its way; reorder point ${number(row.detail["reorder_point"])}`,
    next_step: "Order more, or bring some from another place.",
    evidence: stockLinks(row),
  }),
  out_of_stock: (row) => ({
    title: `${shelf(row)}: nothing left`,
    next_step: "Bring some from another place, or hurry an order that is on its way.",
    evidence: stockLinks(row),
  }),
  overstock: (row) => ({
    title: `${shelf(row)}: ${number(row.detail["quantity"])}, far above the reorder point ${number(row.detail["reorder_point"])}`,
    next_step: "Move some to where it is needed, or raise the reorder point.",
    evidence: stockLinks(row),
  }),
  unexplained_removal: (row) => ({
    title: `${shelf(row)}: ${number(row.detail["quantity"])} taken without a reason (${number(row.detail["before"])} → ${number(row.detail["after"])})`,
    next_step: "Look who was there. Record what was taken, or count the shelf.",
    evidence: [
      { title: "Removals", href: `/inventory-items/${row.inventory_item_id}/events?type=unexplained_removal` },
      ...stockLinks(row),
    ],
  }),
  count_mismatch: (row) => ({
    title: `${shelf(row)}: ${COUNT_REASONS[text(row.detail["reason"])] ?? "a sensor there cannot be believed"}`,
    next_step: "Count the shelf, and look at the sensor.",
    evidence: [
      { title: "Cycle count", href: `/cycle-counts/${number(row.detail["cycle_count_id"])}` },
      ...stockLinks(row),
    ],
  }),
  capacity: (row) => ({
    title: `${row.location_name ?? "A place"} is ${number(row.detail["percent"])} % full: ${amount(row.detail["used"])} of ${amount(row.detail["capacity"])} ${text(row.detail["measure"])}, with all that lies in it`,
    next_step: "Move some to another place, or hold back what is on its way there.",
    evidence: [
      { title: "How full it is", href: `/locations/${row.location_id}/utilisation` },
      { title: "Its stock", href: `/inventory-items?location_id=${row.location_id}` },
    ],
  }),
  device_silent: (row) => ({
    title: `${device(row)} is silent${row.location_name === null ? "" : ` at ${row.location_name}`}`,
    next_step: "Is it powered, and does it reach the network?",
    evidence: deviceLinks(row),
  }),
  battery_low: (row) => ({
    title: `${device(row)}: battery at ${Math.round(Number(row.detail["battery"]) * 100)} %`,
    next_step: "Charge it, or change its battery.",
    evidence: deviceLinks(row),
  }),
  clock_off: (row) => ({
    title: `${device(row)}: its clock is ${number(row.detail["seconds"])} s ${text(row.detail["direction"])}`,
    next_step: "Set its clock, or its time server.",
    evidence: deviceLinks(row),
  }),
  quarantine_rising: (row) => ({
    title: `${row.device_id === null ? "Devices that are not registered" : device(row)}: ${number(row.detail["messages"])} messages in an hour could not be taken`,
    next_step: "Read why in quarantine. Often the decoder, a unit or the clock is wrong.",
    evidence: [
      {
        title: "Quarantine",
        href: `/quarantine${row.device_id === null ? "" : `?device_id=${encodeURIComponent(row.device_id)}`}`,
      },
      ...(row.device_id === null ? [] : deviceLinks(row)),
    ],
  }),
  integration_failing: (row) => ({
    title: `${text(row.detail["name"])} ${integrationState(row)}: ${text(row.detail["problem"] ?? "it is behind")}`,
    next_step:
      "Look whether the other system is there and accepts what is sent. Nothing is lost: it can be sent again.",
    evidence: integrationLinks(row),
  }),
  geofence: (row) => ({
    title: `${vehicle(row)} ${row.detail["crossing"] === "departed" ? "left" : "arrived at"} ${row.location_name ?? "a place"}`,
    next_step: "Was it expected there now?",
    evidence: [{ title: "Vehicle", href: `/vehicles/${row.vehicle_id}` }],
  }),
  dwell: (row) => ({
    title: `${vehicle(row)} has been at ${row.location_name ?? "a place"} for more than ${number(row.detail["minutes"])} minutes`,
    next_step: "Ask what keeps it there.",
    evidence: [{ title: "Vehicle", href: `/vehicles/${row.vehicle_id}` }],
  }),
  overspeed: (row) => ({
    title: `${vehicle(row)} drives ${number(row.detail["kmh"])} km/h${row.location_name === null ? "" : ` at ${row.location_name}`}; ${number(row.detail["limit_kmh"])} km/h are allowed`,
    next_step: "Call the driver.",
    evidence: [
      { title: "Vehicle", href: `/vehicles/${row.vehicle_id}` },
      { title: "Its drives", href: `/vehicles/${row.vehicle_id}/drives` },
    ],
  }),
};
