import { z } from "zod";
import {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  COMPONENTS,
  DISPOSITIONS,
  ERROR_REASONS,
  MEASUREMENT_TYPES,
  SENSOR_ALERT_TYPES,
  SOURCE_DESTINATION_TYPES,
} from "../vocabulary/terms.ts";
import { isDateTime, isUri } from "./formats.ts";

/*
 * Texts of EPCIS 2.0: addresses, times and words of vocabularies. Words of GS1's vocabularies stand bare, those of others as addresses.
 */

export const uri = z.string("a text is expected").refine(isUri, "an address (URI) is expected");
export const time = z
  .string("a time is expected, as text")
  .refine(isDateTime, "a time with its offset is expected, such as 2026-03-01T08:00:00.000+01:00");
export const decimal = z.number("a number is expected");
export const text = z.string("a text is expected");

const OLD_CBV = /^(?:urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/;
const GS1_VOCABULARY = /^https?:\/\/(?:www\.)?gs1\.org\/voc\//;

const term = (words: readonly string[], ofGs1: RegExp) =>
  text.refine(
    (word) => words.includes(word) || (isUri(word) && !ofGs1.test(word)),
    `a word of the standard is expected (${words.slice(0, 4).join(", ")}${words.length > 4 ? ", …" : ""}), or the address of another one`,
  );

export const bizStep = term(BIZ_STEPS, OLD_CBV);
export const disposition = term(DISPOSITIONS, OLD_CBV);
export const bizTransactionType = term(BIZ_TRANSACTION_TYPES, OLD_CBV);
export const sourceDestinationType = term(SOURCE_DESTINATION_TYPES, OLD_CBV);
export const errorReason = term(ERROR_REASONS, OLD_CBV);
export const component = term(COMPONENTS, OLD_CBV);
export const measurementType = term(MEASUREMENT_TYPES, GS1_VOCABULARY);
export const sensorAlertType = term(SENSOR_ALERT_TYPES, GS1_VOCABULARY);

/** Refuses names that the standard does not know and that are no addresses: extensions are `prefix:name`. */
export const named =
  (...names: readonly string[]) =>
  (value: object, context: z.RefinementCtx): void => {
    for (const name of Object.keys(value)) {
      if (names.includes(name) || isUri(name)) continue;
      context.addIssue({
        code: "custom",
        path: [name],
        message: `there is no field "${name}" here; a name of your own is prefix:name`,
      });
    }
  };

/** A list without doubles; objects are the same whatever the order of their fields. */
export const unique =
  (what: string) =>
  (values: readonly unknown[], context: z.RefinementCtx): void => {
    if (new Set(values.map((value) => JSON.stringify(sortedFields(value)))).size < values.length)
      context.addIssue({ code: "custom", message: `${what} must not be there twice` });
  };

function sortedFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedFields);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, inner]): [string, unknown] => [name, sortedFields(inner)]);
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
