import type { FactData } from "../fact.ts";
import type { Naming, Unreported } from "./custody-events.ts";
import { EXTENSION } from "./event.ts";

/*
 * What is told of facts that are no entries of a custody log:
 *
 * - A tag that passed a gate, in or out: `entering_exiting`. What went in is there (business location); what went out is not.
 * - Goods that were out of what their shipment allows, and that they are within it again: `sensor_reporting`, with units of UN/ECE
 *   recommendation 20. The alarm is an exception of the report. The time of a report is not later than that of its event.
 */

export interface ReportedFact {
  at: number;
  rule: string;
  confidence: number;
  /** the URI of the device */
  device: string | null;
}

export function passEvents(
  fact: ReportedFact & { data: Pick<FactData["seen"], "direction" | "locationId"> },
  tag: string,
  naming: Naming,
): Unreported[] {
  const { locationId, direction } = fact.data;
  if (locationId === null || direction === "unknown") return [];
  const place = { id: naming.location(locationId) };
  return [
    {
      type: "ObjectEvent",
      eventTime: new Date(fact.at).toISOString(),
      eventTimeZoneOffset: naming.offset(locationId, fact.at),
      epcList: [tag],
      action: "OBSERVE",
      bizStep: "entering_exiting",
      disposition: direction === "in" ? "in_progress" : "in_transit",
      readPoint: place,
      ...(direction === "in" && { bizLocation: place }),
      [EXTENSION.direction]: direction,
      [EXTENSION.evidence]: true,
      [EXTENSION.rule]: fact.rule,
      [EXTENSION.confidence]: Math.round(fact.confidence * 1000) / 1000,
      ...(fact.device !== null && { "waystock:device": fact.device }),
    },
  ];
}

type Excursion = FactData["excursion"];

const MEASURES: Readonly<
  Record<Excursion["quantity"], { type: string; uom: string; shown: (value: number) => number }>
> = {
  celsius: { type: "Temperature", uom: "CEL", shown: (value) => value },
  // Kept as a share of 1; P1 is per cent.
  humidity: { type: "RelativeHumidity", uom: "P1", shown: (value) => value * 100 },
  // Kept in g; K40 is the standard acceleration of free fall.
  shock: { type: "Acceleration", uom: "K40", shown: (value) => value },
};

export function excursionEvents(
  fact: ReportedFact &
    ({ type: "excursion"; data: FactData["excursion"] } | { type: "excursion_over"; data: FactData["excursion_over"] }),
  shipment: string,
  /** where it was then */
  locationId: number | null,
  naming: Naming,
): Unreported[] {
  const { type, uom, shown } = MEASURES[fact.data.quantity];
  const rounded = (value: number) => Math.round(shown(value) * 1000) / 1000;
  const time = new Date(fact.at).toISOString();
  const report = {
    type,
    value: rounded(fact.data.worst),
    uom,
    time,
    ...(fact.type === "excursion" && { exception: "ALARM_CONDITION" }),
    ...(fact.type === "excursion" && fact.data.min !== null && { "waystock:min_allowed": rounded(fact.data.min) }),
    ...(fact.type === "excursion" && fact.data.max !== null && { "waystock:max_allowed": rounded(fact.data.max) }),
  };
  const place = locationId === null ? undefined : { id: naming.location(locationId) };
  return [
    {
      type: "ObjectEvent",
      eventTime: time,
      eventTimeZoneOffset: naming.offset(locationId, fact.at),
      epcList: [shipment],
      action: "OBSERVE",
      bizStep: "sensor_reporting",
      disposition: fact.type === "excursion" ? "non_conformant" : "in_progress",
      ...(place && { readPoint: place, bizLocation: place }),
      sensorElementList: [
        {
          sensorMetadata: {
            startTime: new Date(Math.min(fact.data.since, fact.at)).toISOString(),
            endTime: time,
            ...(fact.device !== null && { deviceID: fact.device }),
          },
          sensorReport: [report],
        },
      ],
      [EXTENSION.event]: fact.type,
      [EXTENSION.evidence]: true,
      [EXTENSION.rule]: fact.rule,
    },
  ];
}
