import { type Kind, KINDS } from "../../../broker/contract/readings.ts";
import type { IgnoredField } from "../../domain/ignored-field.ts";
import type { Decoded } from "../decoder.ts";
import { FIELDS } from "./fields.ts";
import { ignoreField } from "./ignored-fields.ts";
import { suggestField } from "./field-suggestion.ts";
import { Layouts } from "./layouts.ts";

/** What is counted of a message of one reading, by the names of its fields. */
const counted = new Map<Kind, Layouts<readonly IgnoredField[]>>(KINDS.map((kind) => [kind, new Layouts()]));

/** Counts the fields of a native reading that its kind does not have, each with what the sender may have meant. */
export function countUnknownFields(decoded: Decoded, kind: Kind, element: unknown): void {
  if (typeof element !== "object" || element === null || Array.isArray(element)) return;
  const isFirst = decoded.ignored === undefined;
  const shared = isFirst ? counted.get(kind)!.of(element) : undefined;
  if (shared !== undefined) {
    decoded.ignored = shared;
    return;
  }
  const fields = FIELDS[kind];
  // for-in makes no list: almost no reading has an unknown field.
  for (const name in element) {
    if (!fields.has(name)) ignoreField(decoded, kind, name, () => suggestField(kind, name, FIELDS));
  }
  if (isFirst && decoded.ignored) remember(kind, element, decoded.ignored);
}

function remember(kind: Kind, element: object, ignored: readonly IgnoredField[]): void {
  for (const field of ignored) Object.freeze(field);
  counted.get(kind)!.remember(element, Object.freeze(ignored));
}
