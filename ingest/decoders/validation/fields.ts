import { type Kind, KINDS, READING_SCHEMAS } from "../../../broker/contract/readings.ts";

/** The fields of each kind, from its schema; a union has those of all its shapes. */
export const FIELDS = Object.fromEntries(KINDS.map((kind) => [kind, fieldsOf(kind)])) as Record<
  Kind,
  ReadonlySet<string>
>;

function fieldsOf(kind: Kind): ReadonlySet<string> {
  const schema = READING_SCHEMAS[kind];
  const shapes = "options" in schema ? schema.options.map((option) => ("in" in option ? option.in : option)) : [schema];
  return new Set(shapes.flatMap((shape) => ("shape" in shape ? Object.keys(shape.shape) : [])));
}
