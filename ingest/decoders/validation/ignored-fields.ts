import type { Kind } from "../../../broker/contract/readings.ts";
import type { IgnoredField } from "../../domain/ignored-field.ts";
import type { Decoded } from "../decoder.ts";

/** A message, and a device, name at most this many fields: firmware that invents names must not fill the database. */
const MAX_NAMED = 32;
const MAX_NAME_LENGTH = 64;
/** Counts the fields beyond the first. */
const OTHER_FIELDS = "(others)";
/** Nearly every name: stored as it is. */
const PLAIN_NAME = new RegExp(`^[\\w ./:-]{1,${MAX_NAME_LENGTH}}$`);

/**
 * Counts a field that was not used.
 * @param hint what the sender may have meant, or why it cannot be used, for people; asked for once per message
 */
export function ignoreField(
  decoded: Decoded,
  kind: Kind | undefined,
  name: string,
  hint?: () => string | undefined,
): void {
  const ignored = ownCounters(decoded);
  const field = storableName(name);
  const counted = counterOf(ignored, kind, field);
  if (counted) counted.count += 1;
  else addCounter(ignored, kind, field, 1, hint?.());
}

/** The message's counters, to be changed: a frozen list is shared with other messages. */
function ownCounters(decoded: Decoded): IgnoredField[] {
  const { ignored } = decoded;
  const own =
    ignored !== undefined && !Object.isFrozen(ignored) ? ignored : (ignored ?? []).map((field) => ({ ...field }));
  decoded.ignored = own;
  return own as IgnoredField[];
}

/** Counts the fields of a vendor's object that its decoder does not know. Null is no value. */
export function ignoreUnknown(decoded: Decoded, kind: Kind, sent: object, known: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(sent)) {
    if (value !== null && !known.has(name)) ignoreField(decoded, kind, name);
  }
}

/** Adds the counts of so many equal messages to those of their device. Changes neither. */
export function addIgnoredFields(
  before: readonly IgnoredField[] | undefined,
  fields: readonly IgnoredField[],
  messages = 1,
): readonly IgnoredField[] {
  const sum: IgnoredField[] = [];
  // Field by field: with spread syntax this is one of the dearest steps of a batch.
  for (const { kind, field, count, hint } of before ?? []) sum.push({ kind, field, count, hint });
  for (const { kind, field, count, hint } of fields) {
    const counted = counterOf(sum, kind, field);
    if (counted) counted.count += count * messages;
    else addCounter(sum, kind, field, count * messages, hint);
  }
  return sum;
}

/** The counter of a field; of all others together when no more fields are named; undefined: it has none yet. */
function counterOf(
  ignored: readonly IgnoredField[],
  kind: string | undefined,
  field: string,
): IgnoredField | undefined {
  for (const each of ignored) if (each.field === field && each.kind === kind) return each;
  return ignored.length >= MAX_NAMED ? ignored.find((each) => each.field === OTHER_FIELDS) : undefined;
}

function addCounter(
  ignored: IgnoredField[],
  kind: string | undefined,
  field: string,
  count: number,
  hint: string | undefined,
): void {
  if (ignored.length >= MAX_NAMED) ignored.push({ kind: undefined, field: OTHER_FIELDS, count, hint: undefined });
  else ignored.push({ kind, field, count, hint });
}

/** Shortened, and without what Postgres cannot store in text. */
function storableName(name: string): string {
  if (PLAIN_NAME.test(name)) return name;
  return name
    .slice(0, MAX_NAME_LENGTH)
    .replaceAll("\u0000", "\uFFFD")
    .replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
