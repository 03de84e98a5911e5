import { SHIPMENT_STATUSES, STAGES, type ShipmentStatus, type Stage } from "../fact.ts";
import { type Action, EXTENSION, type EpcisEvent } from "./event.ts";

/*
 * What a captured event says, thing by thing. The thing is what it is about: each EPC of an object or transaction event; what was put on
 * or taken off of an aggregation event; what was packed, where the parent is the thing.
 */

export interface Statement {
  eventId: string;
  /** URI of the thing */
  thing: string;
  at: number;
  action: Action | null;
  /** the bare words of CBV; null: the event does not say */
  step: string | null;
  disposition: string | null;
  /** URIs */
  readPoint: string | null;
  place: string | null;
  parent: string | null;
  destination: string | null;
  /** what only another Waystock says */
  status: ShipmentStatus | null;
  stage: Stage | null;
  event: string | null;
  vehicle: string | null;
  direction: "in" | "out" | null;
  isEvidence: boolean;
  confidence: number | null;
  goods: readonly Goods[];
  alarm: Alarm | null;
}

export interface Goods {
  name: string | null;
  /** URI of a product */
  uri: string | null;
  quantity: number;
}

/** A measurement that its sender calls alarming. */
export interface Alarm {
  quantity: "celsius" | "humidity";
  worst: number;
  since: number;
}

export function statementsOf(eventId: string, event: EpcisEvent): Statement[] {
  const at = Date.parse(event.eventTime);
  if (Number.isNaN(at)) return [];
  const step = bareWord(event.bizStep);
  const isPacked = event.type === "AggregationEvent" && (step === "packing" || step === "unpacking");
  const things = thingsOf(event, isPacked);
  const base: Omit<Statement, "thing"> = {
    eventId,
    at,
    action: event.action ?? null,
    step,
    disposition: bareWord(event.disposition),
    readPoint: event.readPoint?.id ?? null,
    place: event.bizLocation?.id ?? null,
    parent: isPacked ? null : (event.parentID ?? null),
    destination: event.destinationList?.find(({ type }) => bareWord(type) === "location")?.destination ?? null,
    status: oneOf(SHIPMENT_STATUSES, event[EXTENSION.status]),
    stage: oneOf(STAGES, event[EXTENSION.stage]),
    event: textOf(event[EXTENSION.event]),
    vehicle: textOf(event[EXTENSION.vehicle]),
    direction: oneOf(["in", "out"] as const, event[EXTENSION.direction]),
    isEvidence: event[EXTENSION.evidence] === true,
    confidence: shareOf(event[EXTENSION.confidence]),
    goods: goodsOf(event),
    alarm: alarmOf(event),
  };
  return [...new Set(things)].map((thing) => ({ ...base, thing }));
}

function thingsOf(event: EpcisEvent, isPacked: boolean): readonly string[] {
  switch (event.type) {
    case "ObjectEvent":
    case "TransactionEvent":
      return [...(event.epcList ?? []), ...(event.parentID === undefined ? [] : [event.parentID])];
    case "AggregationEvent":
      if (isPacked) return event.parentID === undefined ? [] : [event.parentID];
      return event.childEPCs ?? [];
    default:
      return [];
  }
}

/**
 * The word of a vocabulary, however it is written: `departing`, `cbv:BizStep-departing`, `urn:epcglobal:cbv:bizstep:departing`,
 * `https://ref.gs1.org/cbv/BizStep-departing`. A word of another vocabulary is null.
 */
export function bareWord(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^\w+$/.test(text)) return text;
  return (
    /^(?:urn:epcglobal:cbv:\w+:|(?:cbv:|https?:\/\/(?:ref|ns)\.gs1\.org\/cbv\/)(?:BizStep|Disp|SDT|BTT|ER)-)(\w+)$/.exec(
      text,
    )?.[1] ?? null
  );
}

const oneOf = <T extends string>(all: readonly T[], value: unknown): T | null =>
  all.find((each) => each === value) ?? null;

const textOf = (value: unknown): string | null => (typeof value === "string" && value.length <= 2_048 ? value : null);

const shareOf = (value: unknown): number | null =>
  typeof value === "number" && value >= 0 && value <= 1 ? value : null;

function goodsOf(event: EpcisEvent): Goods[] {
  const said = event[EXTENSION.goods];
  const named = (Array.isArray(said) ? said : []).flatMap((each: unknown): Goods[] => {
    if (typeof each !== "object" || each === null) return [];
    const { name, quantity } = each as Record<string, unknown>;
    const isKnown = typeof name === "string" && name.trim() !== "" && name.length <= 200;
    return isKnown && isPieces(quantity) ? [{ name: name.trim(), uri: null, quantity }] : [];
  });
  const classes = event.childQuantityList ?? event.quantityList ?? [];
  const counted = classes.flatMap(({ epcClass, quantity, uom }): Goods[] =>
    uom === undefined && isPieces(quantity) ? [{ name: null, uri: epcClass, quantity }] : [],
  );
  return [...named, ...counted].slice(0, 200);
}

const isPieces = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 2_147_483_647;

function alarmOf(event: EpcisEvent): Alarm | null {
  for (const { sensorMetadata, sensorReport } of event.sensorElementList ?? []) {
    for (const { type, exception, value, uom } of sensorReport) {
      if (exception !== "ALARM_CONDITION" || typeof value !== "number") continue;
      const since = Date.parse(sensorMetadata?.["startTime"] ?? sensorMetadata?.["time"] ?? event.eventTime);
      if (type === "Temperature" && uom === "CEL") return { quantity: "celsius", worst: value, since };
      if (type === "RelativeHumidity" && uom === "P1") return { quantity: "humidity", worst: value / 100, since };
    }
  }
  return null;
}
