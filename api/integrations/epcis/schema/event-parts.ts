import { z } from "zod";
import {
  bizTransactionType,
  component,
  decimal,
  disposition,
  errorReason,
  measurementType,
  named,
  sensorAlertType,
  sourceDestinationType,
  text,
  time,
  unique,
  uri,
} from "./terms-schema.ts";

/*
 * The parts of events, by the JSON schema of EPCIS 2.0.
 */

const list = <S extends z.ZodType>(member: S) => z.array(member, "a list is expected");
const OBJECT = { error: "an object is expected" };

const contextMember = z.union([uri, z.looseObject({})], "an address or an object is expected");
export const context = z.union(
  [uri, z.looseObject({}), list(contextMember).superRefine(unique("a context"))],
  "an address, an object or a list of these is expected",
);

const errorDeclarationFields = {
  declarationTime: time,
  reason: errorReason.optional(),
  correctiveEventIDs: list(uri).optional(),
};

/** What every event has. */
export const commonFields = {
  "@context": context.optional(),
  eventTime: time,
  recordTime: time.optional(),
  eventTimeZoneOffset: text.regex(
    /^[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)$/,
    "an offset is expected, from -14:00 to +14:00",
  ),
  eventID: uri.optional(),
  certificationInfo: z.union([uri, list(uri)], "an address or a list of them is expected").optional(),
  errorDeclaration: z
    .looseObject(errorDeclarationFields, OBJECT)
    .superRefine(named(...Object.keys(errorDeclarationFields)))
    .optional(),
};

export const epcs = list(uri);
export const uniqueEpcs = list(uri).superRefine(unique("an EPC"));

export const quantities = list(
  z.strictObject(
    {
      epcClass: uri,
      quantity: decimal.optional(),
      uom: text.regex(/^[A-Z0-9]{2,3}$/, "a unit is expected, such as KGM").optional(),
    },
    {
      error: ({ code }) =>
        code === "unrecognized_keys" ? "a quantity has epcClass, quantity and uom only" : OBJECT.error,
    },
  ),
);

export const persistentDisposition = z
  .strictObject({
    set: list(disposition).min(1, "at least one is expected").superRefine(unique("a disposition")).optional(),
    unset: list(disposition).min(1, "at least one is expected").superRefine(unique("a disposition")).optional(),
  })
  .refine(({ set, unset }) => set !== undefined || unset !== undefined, "set or unset is expected");

export const place = z.looseObject({ id: uri }, OBJECT);
export const bizTransactions = list(z.strictObject({ type: bizTransactionType.optional(), bizTransaction: uri }));
export const sources = list(z.strictObject({ type: sourceDestinationType, source: uri }));
export const destinations = list(z.strictObject({ type: sourceDestinationType, destination: uri }));

const metadataFields = {
  time: time.optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  startTime: time.optional(),
  endTime: time.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
};
const reportFields = {
  type: measurementType,
  exception: sensorAlertType.optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
  time: time.optional(),
  microorganism: uri.optional(),
  chemicalSubstance: uri.optional(),
  coordinateReferenceSystem: uri.optional(),
  value: decimal.optional(),
  component: component.optional(),
  stringValue: text.optional(),
  booleanValue: z.boolean("true or false is expected").optional(),
  hexBinaryValue: text.regex(/^[A-Fa-f0-9]+$/, "hex digits are expected").optional(),
  uriValue: uri.optional(),
  minValue: decimal.optional(),
  maxValue: decimal.optional(),
  meanValue: decimal.optional(),
  sDev: decimal.optional(),
  percRank: decimal.optional(),
  percValue: decimal.optional(),
  uom: text.optional(),
};
export const sensorElements = list(
  z
    .looseObject(
      {
        sensorMetadata: z
          .looseObject(metadataFields, OBJECT)
          .superRefine(named(...Object.keys(metadataFields)))
          .optional(),
        sensorReport: list(z.looseObject(reportFields, OBJECT).superRefine(named(...Object.keys(reportFields)))).min(
          1,
          "at least one is expected",
        ),
      },
      OBJECT,
    )
    .superRefine(named("sensorMetadata", "sensorReport")),
);

export const ilmd = z.looseObject({}, OBJECT).superRefine(named());
