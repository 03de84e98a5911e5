import fc from "fast-check";

export type JsonSchema = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, JsonSchema>>;
type Body = string | Uint8Array<ArrayBuffer> | undefined;

/** Values that fit hardly any schema. `RAW` ones are written into the JSON text as they are. */
const WRONG_VALUES: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1.5, 1, 2, 2_147_483_647, 2_147_483_648, -2_147_483_649, Number.MAX_SAFE_INTEGER, 1e21, 1e308, 5e-324, "", " ",
  "1", "a", "'", "';--", "$1", "\\", "\u0000", "a\u0000", "\ud800", "\udfff\ud800", "\u2028", "💥", "x".repeat(5000), [], {}, [[]], [null],
  [1], { a: 1 }, { toString: 1 }, { constructor: {} }, { length: -1 }, "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "2026-11-21T08:00:00Z",
  "2026-11-21T08:00:00", "+010000-01-01T00:00:00Z", "Infinity",
]; // prettier-ignore
const RAW = ["1e400", "-1e400", "1".repeat(400), "0.1e-400", "NaN", "\"\\ud800\"", "\"\\u0000\"", "{\"__proto__\":{\"a\":1}}", "{\"a\":1,\"a\":2}"]; // prettier-ignore
const MARK = "\u0001raw:";

const wrongValue = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WRONG_VALUES) },
  { weight: 2, arbitrary: fc.constantFrom(...RAW).map((raw) => MARK + raw) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

const INSTANTS = ["2026-11-21T08:00:00Z", "2026-11-22T08:00:00.123+02:00", "2020-01-01T00:00:00Z"];

/** Values that the schema allows, as far as JSON Schema tells it. References are small ids, which exist now and then. */
function validValue(schema: JsonSchema, schemas: Schemas, depth: number): fc.Arbitrary<unknown> {
  const inner = (part: unknown): fc.Arbitrary<unknown> => validValue(part as JsonSchema, schemas, depth + 1);
  if (typeof schema["$ref"] === "string") return inner(schemas[schema["$ref"].split("/").at(-1)!]!);
  if (schema["const"] !== undefined) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  const choice = (schema["anyOf"] ?? schema["oneOf"]) as unknown[] | undefined;
  if (choice !== undefined) return fc.oneof(...choice.map(inner));
  if (Array.isArray(schema["allOf"])) {
    const parts = (schema["allOf"] as unknown[]).map(inner);
    return fc.tuple(...parts).map((all) => Object.assign({}, ...(all as object[])) as unknown);
  }
  const types = [schema["type"]].flat() as (string | undefined)[];
  return fc.oneof(...types.map((type) => valueOfType(type, schema, inner, depth)));
}

function valueOfType(
  type: string | undefined,
  schema: JsonSchema,
  inner: (part: unknown) => fc.Arbitrary<unknown>,
  depth: number,
): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 2_147_483_647 } = schema as { minimum?: number; maximum?: number };
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.oneof(
        fc.constantFrom(minimum, Math.max(minimum, 1), maximum),
        fc.nat(50).map((n) => minimum + n),
      );
    case "number":
      return fc.oneof(fc.constantFrom(minimum, maximum, Math.max(minimum, 0.1)), fc.constantFrom(1, 1.5, 45));
    case "string":
      return text(schema);
    case "array": {
      const { minItems = 0, maxItems = 3 } = schema as { minItems?: number; maxItems?: number };
      return fc.array(inner(schema["items"] ?? {}), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, 3)),
      });
    }
    case "object": {
      const properties = (schema["properties"] ?? {}) as Record<string, unknown>;
      const required = new Set((schema["required"] as string[] | undefined) ?? []);
      const fields = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part)]));
      return fc.record(fields, { requiredKeys: Object.keys(fields).filter((name) => required.has(name)) });
    }
    default:
      return depth > 6 ? fc.constant(null) : fc.jsonValue({ maxDepth: 1 });
  }
}

function text(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema["format"] === "date-time") return fc.constantFrom(...INSTANTS);
  if (schema["format"] === "email") return fc.nat(1e6).map((n) => `p${n}@waystock.test`);
  // fast-check knows no lookahead; what a pattern's lookahead forbids comes seldom, and is then refused.
  if (typeof schema["pattern"] === "string")
    return fc.stringMatching(new RegExp(schema["pattern"].replaceAll(/\(\?!.*?\$\)/g, "")));
  const { minLength = 0, maxLength = 255 } = schema as { minLength?: number; maxLength?: number };
  const most = Math.max(minLength, Math.min(maxLength, 20));
  return fc.oneof(
    fc.string({ minLength, maxLength: most }),
    fc.string({ unit: "grapheme", minLength, maxLength: most }),
    fc.constant("x".repeat(Math.min(maxLength, 20_000))),
  );
}

type Path = readonly (string | number)[];

/** Every place in a value, from the whole to its leaves. */
function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries = Object.entries(value).slice(0, 20);
  return [
    path,
    ...entries.flatMap(([name, inner]) => placesOf(inner, [...path, Array.isArray(value) ? Number(name) : name])),
  ];
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string | number, unknown>)[step] = replaced(
    (value as Record<string | number, unknown>)[step],
    rest,
    by,
  );
  return copy;
}

/** The value with one place replaced, or with a field that the schema does not know. */
const spoilt = (value: unknown): fc.Arbitrary<unknown> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...placesOf(value)), wrongValue)
        .map(([path, by]) => replaced(value, path, by)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom("x", "__proto__", "a/b~c", "constructor", "\u0000", "\ud800"), wrongValue)
        .map(([name, by]) => (typeof value === "object" ? { ...value, [name]: by } : by)),
    },
  );

/** JSON, in which marked texts stand for themselves: numbers that no double holds, names that stand twice. */
const jsonOf = (value: unknown): string =>
  (JSON.stringify(value) ?? "null").replaceAll(
    /"\\u0001raw:((?:[^"\\]|\\.)*)"/g,
    (_, raw: string) => JSON.parse(`"${raw}"`) as string,
  );

/** As `encodeURIComponent`, and an unpaired surrogate becomes the three bytes that UTF-8 forbids. */
export const escaped = (text: string): string =>
  Array.from(text, (character) =>
    /\p{Surrogate}/u.test(character) ? "%ED%A0%80" : encodeURIComponent(character),
  ).join("");

const formText = (value: unknown): string => escaped(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
const formOf = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => `${escaped(name)}=${formText(inner)}`)
        .join("&")
    : formText(value);

const GARBAGE: readonly Body[] = [
  undefined, "", " ", "{", "null", "[]", "{}", "\"", "{\"a\":}", "[1,]", "\ufeff{}", "\u0000", "{'a':1}", "01", "1e400", "-", "//x",
  "[".repeat(100_000), "{\"a\":".repeat(5000), `{"a":"${"x".repeat(900_000)}"}`, `"${"x".repeat(1_100_000)}"`,
  new Uint8Array([0xff, 0xfe, 0x00]), new Uint8Array([0x7b, 0xed, 0xa0, 0x80, 0x7d]), new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
  "a,b\n1,2", "id,kind\n\"d", "id,kind\nd1,gps\n", "7b7d",
]; // prettier-ignore

/** A request body for an operation that takes this schema; without a schema any body, or none. */
export function bodyFrom(schema: JsonSchema | undefined, schemas: Schemas, mediaType: string): fc.Arbitrary<Body> {
  const garbage = fc.constantFrom(...GARBAGE);
  if (!schema) return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, garbage);
  const valid = validValue(schema, schemas, 0);
  const write = mediaType === "application/x-www-form-urlencoded" ? formOf : jsonOf;
  return fc.oneof(
    { weight: 6, arbitrary: valid.map(write) },
    { weight: 10, arbitrary: valid.chain(spoilt).map(write) },
    { weight: 3, arbitrary: garbage },
    { weight: 1, arbitrary: wrongValue.map(write) },
  );
}
