type Json = Readonly<Record<string, unknown>>;

/** Every reference to a component of OpenAPI 3.0, in any part of the document. */
const COMPONENT = "#/components/schemas/";
const DEFINITION = "#/definitions/";

/**
 * Translates a schema of OpenAPI 3.0 into one of Swagger 2.0 (OpenAPI Specification 2.0, “Schema Object”), which has neither
 * `nullable` nor a choice of schemas: the former becomes the extension `x-nullable`, a choice allows everything and
 * is described by `x-any-of`.
 */
export function toSwaggerSchema(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(toSwaggerSchema);
  if (typeof part !== "object" || part === null) return part;
  const { nullable, anyOf, oneOf, deprecated, ...schema } = part as Json;
  const translated: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(schema)) {
    // Names of properties are no keywords.
    if (name === "properties") translated[name] = mapValues(inner as Json, toSwaggerSchema);
    else if (name === "$ref") translated[name] = String(inner).replace(COMPONENT, DEFINITION);
    else if (name === "enum" || name === "example" || name === "default") translated[name] = inner;
    else translated[name] = toSwaggerSchema(inner);
  }
  if (nullable === true) translated["x-nullable"] = true;
  if (deprecated === true) translated["x-deprecated"] = true;
  const choice = anyOf ?? oneOf;
  if (choice !== undefined) translated["x-any-of"] = toSwaggerSchema(choice);
  return translated;
}

export const mapValues = (of: Json, translate: (value: unknown, name: string) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, translate(value, name)]));
