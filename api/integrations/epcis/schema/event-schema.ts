import { z } from "zod";
import {
  bizTransactions,
  commonFields,
  destinations,
  epcs,
  ilmd,
  persistentDisposition,
  place,
  quantities,
  sensorElements,
  sources,
  uniqueEpcs,
} from "./event-parts.ts";
import { bizStep, disposition, named, uri } from "./terms-schema.ts";

/*
 * Events, by the JSON schema of EPCIS 2.0: the same verdict on every document, in words that name the field. A test compares the verdicts.
 */

const action = z.enum(["OBSERVE", "ADD", "DELETE"], "one of OBSERVE, ADD, DELETE is expected");

/** What all five types may have beside their own. */
const contextFields = {
  bizStep: bizStep.optional(),
  disposition: disposition.optional(),
  readPoint: place.optional(),
  bizLocation: place.optional(),
  sourceList: sources.optional(),
  destinationList: destinations.optional(),
  sensorElementList: sensorElements.optional(),
};

/** A rule about the fields of an event together. @returns what is wrong, and with which field */
type Rule = (event: Readonly<Record<string, unknown>>) => readonly [field: string, message: string] | undefined;

function eventOf(type: string, fields: Readonly<Record<string, z.ZodType>>, ...rules: readonly Rule[]) {
  const all = { type: z.literal(type), ...commonFields, ...contextFields, ...fields };
  return z
    .looseObject(all, "an event is an object")
    .superRefine(named(...Object.keys(all)))
    .superRefine((event, context) => {
      for (const rule of rules) {
        const [field, message] = rule(event) ?? [];
        if (message !== undefined) context.addIssue({ code: "custom", path: [field!], message });
      }
    });
}

const has = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

const objectEvent = eventOf(
  "ObjectEvent",
  {
    epcList: uniqueEpcs.optional(),
    quantityList: quantities.optional(),
    action,
    persistentDisposition: persistentDisposition.optional(),
    bizTransactionList: bizTransactions.optional(),
    ilmd: ilmd.optional(),
  },
  ({ epcList, quantityList, sensorElementList, readPoint }) =>
    epcList !== undefined || has(quantityList) || (has(sensorElementList) && readPoint !== undefined)
      ? undefined
      : ["epcList", "an event needs an epcList, a quantityList, or a sensorElementList with a readPoint"],
  ({ ilmd, action }) =>
    ilmd === undefined || action === "ADD" ? undefined : ["ilmd", "only an event with the action ADD has an ilmd"],
);

const children: Rule = ({ childEPCs, childQuantityList, action }) =>
  has(childEPCs) || has(childQuantityList) || action === "DELETE"
    ? undefined
    : ["childEPCs", "childEPCs or a childQuantityList are expected, unless the action is DELETE"];
const childFields = {
  childEPCs: epcs.optional(),
  childQuantityList: quantities.optional(),
  action,
  bizTransactionList: bizTransactions.optional(),
};

const aggregationEvent = eventOf("AggregationEvent", { parentID: uri.optional(), ...childFields }, children);
const associationEvent = eventOf("AssociationEvent", { parentID: uri, ...childFields }, children);

const transactionEvent = eventOf(
  "TransactionEvent",
  {
    bizTransactionList: bizTransactions.min(1, "at least one is expected"),
    parentID: uri.optional(),
    epcList: epcs.optional(),
    quantityList: quantities.optional(),
    action,
  },
  ({ epcList, quantityList, action }) =>
    epcList !== undefined || has(quantityList) || action === "DELETE"
      ? undefined
      : ["epcList", "an epcList or a quantityList is expected, unless the action is DELETE"],
);

const transformationEvent = eventOf(
  "TransformationEvent",
  {
    inputEPCList: uniqueEpcs.optional(),
    inputQuantityList: quantities.optional(),
    outputEPCList: uniqueEpcs.optional(),
    outputQuantityList: quantities.optional(),
    transformationID: uri.optional(),
    persistentDisposition: persistentDisposition.optional(),
    bizTransactionList: bizTransactions.optional(),
    ilmd: ilmd.optional(),
  },
  (event) => {
    const hasInput = has(event.inputEPCList) || has(event.inputQuantityList);
    const hasOutput = has(event.outputEPCList) || has(event.outputQuantityList);
    if ((hasInput && hasOutput) || (event.transformationID !== undefined && (hasInput || hasOutput))) return undefined;
    return [
      hasInput ? "outputEPCList" : "inputEPCList",
      "inputs and outputs are expected, or one of them with a transformationID",
    ];
  },
);

/** An event of a type of somebody's own: `example:MyEvent`. Of its other fields nothing is known. */
const extendedEvent = z.looseObject({ type: uri, ...commonFields }, "an event is an object");

export const EVENT_TYPES = {
  ObjectEvent: objectEvent,
  AggregationEvent: aggregationEvent,
  AssociationEvent: associationEvent,
  TransactionEvent: transactionEvent,
  TransformationEvent: transformationEvent,
} as const;

/** The schema of events of a type. */
export const schemaOfType = (type: string): z.ZodType =>
  Object.hasOwn(EVENT_TYPES, type) ? EVENT_TYPES[type as keyof typeof EVENT_TYPES] : extendedEvent;
