import { expand, type Prefixes } from "../vocabulary/context.ts";

/*
 * Paths within an event in its canonical form, in the language of Postgres (SQL/JSON path). What comes from a query gets into a path by
 * `quoted` alone.
 */

/** A text, as a path writes it. */
export const quoted = (text: string): string => JSON.stringify(text);

const SENSORS = "$.sensorElementList[*]";
export const SENSOR_METADATA = `${SENSORS}.sensorMetadata`;
export const SENSOR_REPORT = `${SENSORS}.sensorReport[*]`;
/** Lists of classes with their quantities. */
export const QUANTITIES = ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"].map(
  (list) => `$.${list}[*]`,
);

/** Elements that may have fields of vendors, by their name in parameters. `own`: all its fields are of vendors. */
const ELEMENTS: Readonly<Record<string, { at: string; own?: true }>> = {
  "": { at: "$" },
  ILMD: { at: "$.ilmd", own: true },
  ERROR_DECLARATION: { at: "$.errorDeclaration" },
  SENSORELEMENT: { at: SENSORS },
  SENSORMETADATA: { at: SENSOR_METADATA },
  SENSORREPORT: { at: SENSOR_REPORT },
  readPoint: { at: "$.readPoint" },
  bizLocation: { at: "$.bizLocation" },
};
export const ELEMENT_NAMES = Object.keys(ELEMENTS).filter((name) => name !== "");

/** The members of the objects at a path whose name is like this. */
const members = (path: string, regex: string): string =>
  `${path} ? (@.type() == "object").keyvalue() ? (@.key like_regex ${quoted(regex)}).value`;

/**
 * The field of this name. Events have names in full; a prefix that the query does not declare stands for any address: of the names that
 * events have, those that end so.
 */
export function memberPath(path: string, name: string, prefixes: Prefixes): string {
  const full = expand(name, prefixes);
  const local = /^[A-Za-z][\w.+-]*:(?!\/\/|[^:]*:)(.+)$/.exec(name)?.[1];
  if (full !== name || local === undefined) return `${path}.${quoted(full)}`;
  return members(path, `[/#:]${local.replaceAll(/[^\w]/g, (character) => `\\${character}`)}$`);
}

/** A field of a vendor in an element, or, `inner`, at any depth in one of its fields. */
export function fieldPath(element: string, name: string, inner: boolean, prefixes: Prefixes): string {
  const { at, own } = ELEMENTS[element]!;
  if (!inner) return memberPath(at, name, prefixes);
  return memberPath(`${own ? `${at}.*` : members(at, ":")}.**`, name, prefixes);
}

/** Those members whose unit is this one. */
export const inUnit = (list: string, unit: string | undefined): string =>
  unit === undefined ? list : `${list} ? (@.uom == ${quoted(unit)})`;
