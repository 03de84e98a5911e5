import { canonicalUri } from "../identifiers/canonical-uri.ts";
import { canonicalTerm, expand, type Prefixes } from "../vocabulary/context.ts";
import type { Vocabulary } from "../vocabulary/terms.ts";
import {
  CLASS_ROLES,
  type Comparison,
  type Condition,
  EPC_ROLES,
  type Field,
  type ListField,
  type PlaceField,
  type Role,
  type TimeField,
} from "./condition.ts";
import type { Given } from "./given.ts";
import { inUnitsOf } from "./units.ts";
import { ELEMENT_NAMES, fieldPath, inUnit, memberPath, QUANTITIES, SENSOR_METADATA, SENSOR_REPORT } from "./paths.ts";

/*
 * The parameters of SimpleEventQuery (EPCIS 2.0 §8.2.7.1), each as what it asks of an event. Their order here is that of the standard.
 */

type Ask = (given: Given, prefixes: Prefixes) => Condition;

const ACTIONS = ["OBSERVE", "ADD", "DELETE"];

const term =
  (field: Field, vocabulary: Vocabulary): Ask =>
  (given, prefixes) => ({ ask: "field", field, values: termsOf(given, vocabulary, prefixes) });
const uri =
  (field: Field): Ask =>
  (given) => ({ ask: "field", field, values: given.texts().map(canonicalUri) });
const termsOf = (given: Given, vocabulary: Vocabulary, prefixes: Prefixes): string[] =>
  given.texts().map((text) => canonicalTerm(vocabulary, text, prefixes));
const dispositions =
  (field: ListField): Ask =>
  (given, prefixes) => ({ ask: "list", field, values: termsOf(given, "disposition", prefixes) });
const within =
  (field: PlaceField): Ask =>
  (given) => ({ ask: "within", field, values: given.texts().map(canonicalUri) });
const match =
  (...roles: Role[]): Ask =>
  (given) => ({ ask: "match", roles, patterns: given.texts() });
const uriAt =
  (...paths: string[]): Ask =>
  (given) => ({ ask: "value", paths, comparison: "EQ", values: given.texts().map(canonicalUri) });
const termAt =
  (vocabulary: Vocabulary, ...paths: string[]): Ask =>
  (given, prefixes) => ({ ask: "value", paths, comparison: "EQ", values: termsOf(given, vocabulary, prefixes) });
const text =
  (...paths: string[]): Ask =>
  (given) => ({ ask: "value", paths, comparison: "EQ", values: given.texts() });
const exists =
  (...paths: string[]): Ask =>
  (given) => {
    given.flag();
    return { ask: "exists", paths };
  };
const number =
  (comparison: Comparison, ...paths: string[]): Ask =>
  (given) => ({ ask: "value", paths, comparison, values: comparison === "EQ" ? given.numbers() : [given.number()] });
/** Of a report, in its unit or in another for the same. */
const measured =
  (field: string, unit: string, comparison: Comparison): Ask =>
  (given) => ({
    ask: "any",
    of: inUnitsOf(unit, comparison === "EQ" ? given.numbers() : [given.number()], field === "sDev").map((each) => ({
      ...{ ask: "value", comparison, values: each.values },
      paths: [`${inUnit(SENSOR_REPORT, each.unit)}.${field}`],
    })),
  });
const time =
  (field: TimeField, comparison: Comparison): Ask =>
  (given) => ({ ask: "time", field, comparison, at: given.moment() });
const moment =
  (comparison: Comparison, ...paths: string[]): Ask =>
  (given) => ({ ask: "moment", paths, comparison, at: given.moment() });
/** Of a list of things with a type. */
const pairs =
  (field: ListField, vocabulary: Vocabulary, type: string): Ask =>
  (given, prefixes) => {
    const of = canonicalTerm(vocabulary, type, prefixes);
    return { ask: "list", field, values: given.texts().map((value) => `${of} ${canonicalUri(value)}`) };
  };

/** A deviceID and its like: of a report, or of all reports of its element. */
const ofSensors = (name: string): string[] => [`${SENSOR_METADATA}.${name}`, `${SENSOR_REPORT}.${name}`];
/** Parameters with a fixed name. */
const FIXED: Readonly<Record<string, Ask>> = {
  eventType: (given, prefixes) => ({
    ask: "field",
    field: "type",
    values: given.texts().map((type) => expand(type, prefixes)),
  }),
  EQ_action(given) {
    const values = given.texts();
    if (!values.every((value) => ACTIONS.includes(value)))
      throw given.wrong(`EQ_action: expected ${ACTIONS.join(", ")}`);
    return { ask: "field", field: "action", values };
  },
  EQ_bizStep: term("bizStep", "bizStep"),
  EQ_disposition: term("disposition", "disposition"),
  EQ_persistentDisposition_set: dispositions("setDispositions"),
  EQ_persistentDisposition_unset: dispositions("unsetDispositions"),
  EQ_readPoint: uri("readPoint"),
  WD_readPoint: within("readPoint"),
  EQ_bizLocation: uri("bizLocation"),
  WD_bizLocation: within("bizLocation"),
  EQ_transformationID: uri("transformationID"),
  MATCH_epc: match("epc"),
  MATCH_parentID: match("parent"),
  MATCH_inputEPC: match("input"),
  MATCH_outputEPC: match("output"),
  MATCH_anyEPC: match(...EPC_ROLES),
  MATCH_epcClass: match("class"),
  MATCH_inputEPCClass: match("inputClass"),
  MATCH_outputEPCClass: match("outputClass"),
  MATCH_anyEPCClass: match(...CLASS_ROLES),
  EQ_eventID: (given) => ({ ask: "field", field: "eventID", values: given.texts() }),
  EXISTS_errorDeclaration(given) {
    given.flag();
    return { ask: "declared" };
  },
  EQ_errorReason: term("errorReason", "errorReason"),
  EQ_correctiveEventID: (given) => ({ ask: "list", field: "correctiveIds", values: given.texts() }),
  EXISTS_sensorElementList: exists("$.sensorElementList[*]"),
  EXISTS_ilmd: exists("$.ilmd"),
  EQ_type: termAt("measurementType", `${SENSOR_REPORT}.type`),
  EQ_exception: termAt("sensorAlertType", `${SENSOR_REPORT}.exception`),
  EQ_deviceID: uriAt(...ofSensors("deviceID")),
  EQ_dataProcessingMethod: uriAt(...ofSensors("dataProcessingMethod")),
  EQ_bizRules: uriAt(...ofSensors("bizRules")),
  EQ_microorganism: uriAt(`${SENSOR_REPORT}.microorganism`),
  EQ_chemicalSubstance: uriAt(`${SENSOR_REPORT}.chemicalSubstance`),
  EQ_stringValue: text(`${SENSOR_REPORT}.stringValue`),
  // The same bytes in capitals are the same value.
  EQ_hexBinaryValue: (given) => ({
    ask: "value",
    paths: [`${SENSOR_REPORT}.hexBinaryValue`],
    comparison: "EQ",
    values: [...new Set(given.texts().flatMap((hex) => [hex, hex.toLowerCase(), hex.toUpperCase()]))],
  }),
  EQ_uriValue: uriAt(`${SENSOR_REPORT}.uriValue`),
  EQ_booleanValue: (given) => ({
    ask: "value",
    paths: [`${SENSOR_REPORT}.booleanValue`],
    comparison: "EQ",
    values: [given.boolean()],
  }),
};

const COMPARED = "(?<comparison>EQ|GT|GE|LT|LE)";
/** A name with a prefix, or an address. */
const NAME = "(?<name>[A-Za-z][\\w.+-]*:\\S+)";
const ELEMENT = `(?:(?<element>${ELEMENT_NAMES.join("|")})_)?`;
/** A field that may have attributes: one of a vendor, or of the standard. */
const HOLDER = "(?<holder>[A-Za-z][\\w.+-]*:\\S+?|readPoint|bizLocation|ilmd|errorDeclaration)";

type Groups = Readonly<Record<string, string | undefined>>;
const comparisonOf = ({ comparison }: Groups): Comparison => comparison as Comparison;
const pathOfField = ({ element = "", inner, name }: Groups, prefixes: Prefixes): string =>
  fieldPath(element, name!, inner !== undefined, prefixes);
/** An attribute of a field: a member of its object. */
const attributePath = (holder: string, attribute: string, prefixes: Prefixes): string =>
  memberPath(memberPath("$", holder, prefixes), attribute, prefixes);

/** Parameters whose name says what they are about. */
const FAMILIES: readonly (readonly [pattern: RegExp, ask: (groups: Groups) => Ask])[] = [
  [
    new RegExp(`^${COMPARED}_(?<of>eventTime|recordTime)$`),
    (groups) => time(groups["of"] as "eventTime" | "recordTime", comparisonOf(groups)),
  ],
  [/^EQ_bizTransaction_(?<type>\S+)$/, ({ type }) => pairs("bizTransactions", "bizTransactionType", type!)],
  [/^EQ_source_(?<type>\S+)$/, ({ type }) => pairs("sources", "sourceDestinationType", type!)],
  [/^EQ_destination_(?<type>\S+)$/, ({ type }) => pairs("destinations", "sourceDestinationType", type!)],
  [
    new RegExp(`^${COMPARED}_quantity(?:_(?<unit>[A-Z0-9]{2,4}))?$`),
    (groups) => number(comparisonOf(groups), ...QUANTITIES.map((list) => `${inUnit(list, groups["unit"])}.quantity`)),
  ],
  // The published query schema and OpenAPI document write it in two ways.
  [new RegExp(`^${COMPARED}_errorDeclaration_?Time$`), (groups) => time("errorDeclarationTime", comparisonOf(groups))],
  [
    new RegExp(`^${COMPARED}_time$`),
    (groups) => moment(comparisonOf(groups), `${SENSOR_METADATA}.time`, `${SENSOR_REPORT}.time`),
  ],
  [
    new RegExp(`^${COMPARED}_(?<of>startTime|endTime)$`),
    (groups) => moment(comparisonOf(groups), `${SENSOR_METADATA}.${groups["of"]}`),
  ],
  [new RegExp(`^${COMPARED}_percRank$`), (groups) => number(comparisonOf(groups), `${SENSOR_REPORT}.percRank`)],
  [
    new RegExp(`^${COMPARED}_(?<of>value|minValue|maxValue|meanValue|sDev|percValue)_(?<unit>[A-Z0-9]{2,4})$`),
    (groups) => measured(groups["of"]!, groups["unit"]!, comparisonOf(groups)),
  ],
  [
    new RegExp(`^HASATTR_${HOLDER}$`),
    ({ holder }) =>
      (given, prefixes) => ({
        ask: "exists",
        paths: given.texts().map((attribute) => attributePath(holder!, attribute, prefixes)),
      }),
  ],
  [
    new RegExp(`^EQ_?ATTR_${HOLDER}_(?<attribute>[^_\\s]\\S*)$`),
    ({ holder, attribute }) =>
      (given, prefixes) => ({
        ask: "value",
        paths: [attributePath(holder!, attribute!, prefixes)],
        comparison: "EQ",
        values: given.values(),
      }),
  ],
  [
    new RegExp(`^EXISTS_(?<inner>INNER_)?${ELEMENT}${NAME}$`),
    (groups) => (given, prefixes) => exists(pathOfField(groups, prefixes))(given, prefixes),
  ],
  [
    new RegExp(`^${COMPARED}_(?<inner>INNER_)?${ELEMENT}${NAME}$`),
    (groups) => (given, prefixes) => {
      const comparison = comparisonOf(groups);
      const paths = [pathOfField(groups, prefixes)];
      if (comparison === "EQ") return { ask: "value", paths, comparison, values: given.values() };
      const value = given.numberOrMoment();
      return typeof value === "number"
        ? { ask: "value", paths, comparison, values: [value] }
        : { ask: "moment", paths, comparison, at: value };
    },
  ],
];

/** Names of parameters that can be listed. */
export const FIXED_PARAMETERS = [
  ...["GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"],
  ...Object.keys(FIXED),
  ...["orderBy", "orderDirection", "eventCountLimit", "maxEventCount"],
];

/** What a parameter asks; undefined: the standard has no parameter of this name. */
export function conditionOf(given: Given, prefixes: Prefixes): Condition | undefined {
  const fixed = Object.hasOwn(FIXED, given.name) ? FIXED[given.name] : undefined;
  if (fixed) return fixed(given, prefixes);
  for (const [pattern, ask] of FAMILIES) {
    const groups = pattern.exec(given.name)?.groups;
    if (groups) return ask(groups)(given, prefixes);
  }
  return undefined;
}
