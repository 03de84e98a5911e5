import type { Mismatch } from "../../../ingest/domain/alert/load-mismatch.ts";
import type { AlertRow, AlertDescription } from "./alert-row.ts";

interface NamedUnit {
  what: Mismatch;
  shipment_id: number | null;
  tracking_number: string | null;
  sscc: string | null;
  epc: string | null;
}

const MISMATCHES: readonly [Mismatch, words: string][] = [
  ["not_loaded", "not loaded"],
  ["not_unloaded", "not unloaded"],
  ["loaded_unplanned", "loaded though not planned"],
  ["unloaded_unplanned", "unloaded though not planned"],
];

/** So many units of each kind are named in a title. */
const MAX_NAMED = 3;

/** A vehicle has left a stop, and what was loaded or unloaded there is not what was planned. */
export function loadMismatch(row: AlertRow): AlertDescription {
  const { detail, trip_id: trip, vehicle_name, location_name } = row;
  const units = (detail["units"] ?? []) as NamedUnit[];
  const total = Number(detail["missing"]) + Number(detail["extra"]);
  const parts = MISMATCHES.flatMap(([what, words]) => {
    const names = units.filter((unit) => unit.what === what).map(nameOf);
    if (names.length === 0) return [];
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
    return [`${words}: ${names.slice(0, MAX_NAMED).join(", ")}${more}`];
  });
  const unnamed = total > units.length ? ` (${total} units in all)` : "";
  const has = (...whats: Mismatch[]) => units.some(({ what }) => whats.includes(what));
  const shipments = new Map(units.flatMap((unit) => (unit.shipment_id === null ? [] : [[unit.shipment_id, unit]])));
  return {
    title: `${vehicle_name ?? "A vehicle"} at ${location_name ?? "a stop"}, trip ${trip}: ${parts.join("; ")}${unnamed}`,
    next_step: [
      "Call the driver before the next stop.",
      ...(has("not_loaded") ? ["What was not loaded is still at the stop: send it after, or plan it anew."] : []),
      ...(has("not_unloaded")
        ? ["What was not unloaded is still aboard: have it brought back or taken off next."]
        : []),
      ...(has("loaded_unplanned", "unloaded_unplanned")
        ? ["What was not planned belongs elsewhere: have it taken back, or add it to the trip."]
        : []),
      "If only the reading is wrong, book what has happened, or void what has not: the alert then ends by itself.",
    ].join(" "),
    evidence: [
      { title: "Trip", href: `/trips/${trip}` },
      { title: "What was read, missing and extra", href: `/trips/${trip}/verification` },
      ...[...shipments].slice(0, 5).map(([id, unit]) => ({
        title: `Shipment ${unit.tracking_number ?? id}`,
        href: `/shipments/${id}`,
      })),
    ],
  };
}

/** As it stands on the unit, else by its tag; a shipment without units by its tracking number. */
function nameOf({ sscc, epc, tracking_number, shipment_id }: NamedUnit): string {
  const unit = sscc ?? epc;
  const shipment = tracking_number ?? (shipment_id === null ? null : `shipment ${shipment_id}`);
  if (unit === null) return shipment ?? "a unit";
  return shipment === null || shipment === unit ? unit : `${unit} of ${shipment}`;
}

const HARSH: Readonly<Record<string, string>> = {
  braking: "braked harshly",
  acceleration: "accelerated harshly",
  cornering: "took a corner harshly",
};

/** A vehicle was driven harshly: as a device on it has measured, or as the speeds of its fixes tell. */
export function harshDriving({ detail, vehicle_name, location_name, vehicle_id }: AlertRow): AlertDescription {
  const { manoeuvre, g, from_kmh, to_kmh, by } = detail;
  const strength = typeof g === "number" ? `, ${g} g` : "";
  const speeds = typeof from_kmh === "number" ? `, from ${from_kmh} to ${String(to_kmh)} km/h` : "";
  const place = location_name === null ? "" : ` at ${location_name}`;
  return {
    title: `${vehicle_name ?? "A vehicle"} ${HARSH[String(manoeuvre)] ?? "was driven harshly"}${place}${strength}${speeds}`,
    next_step: `Ask the driver whether all is well, and look at fragile goods aboard. ${
      by === "fixes" ? "It follows from the speeds of its fixes." : "The device on it has measured it."
    }`,
    evidence: [
      { title: "Vehicle", href: `/vehicles/${vehicle_id}` },
      { title: "Its drives", href: `/vehicles/${vehicle_id}/drives` },
    ],
  };
}
