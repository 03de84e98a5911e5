import fc from "fast-check";
import { bodyFrom, escaped, type JsonSchema, type Schemas } from "./fuzzed-values.ts";

interface Parameter {
  name: string;
  in: string;
  schema: JsonSchema;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
}

export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Schemas };
}

/** One request as it is sent; `route` names the operation that it was made for. */
export interface FuzzedRequest {
  route: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer> | undefined;
}

const SQL = [
  "'",
  "';--",
  '"',
  "\\",
  "$1",
  "%",
  "_",
  "1 OR 1=1",
  "1;DROP TABLE users",
  "'||pg_sleep(9)||'",
  "/*",
  "${x}",
];
/** Texts that have broken parsers before. They are escaped where they are sent. */
const HOSTILE = [
  ...SQL, "", " ", "0", "-1", "1", "2147483647", "2147483648", "9007199254740993", "1e400", "NaN", "null", "undefined", "true", "[]", "..",
  "../../etc/passwd", "\u0000", "a\u0000b", "\ud800", "\u202e", "\ufeff", "é", "e\u0301", "💥", "a/b", "a\r\nb", "2026-02-30T25:61:61Z",
  "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "-271821-04-20T00:00:00Z", "<script>", "W10", "e30", "WzEsMl0", "__proto__", "x".repeat(300),
]; // prettier-ignore
const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 20 }));

/** Ids of what the tests have made, more often than others; now and then what is no valid escape. */
const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("1", "2", "3", "d", "native", "urn:epc:id:sgtin:4012345.077889.25") },
  { weight: 1, arbitrary: fc.constantFrom("%", "%E0%A4", "%00", "%ED%A0%80", "..%2f", ";a=b", "*") },
  { weight: 2, arbitrary: hostile.map(escaped) },
);

const CURSORS = ["WzFd", "WyJhIl0", "WzEsMV0", "WyIyMDI2LTExLTIxVDA4OjAwOjAwLjAwMFoiLDFd", "WzFlOTld", "W251bGxd"];
const NAMED_VALUES: Record<string, readonly string[]> = { limit: ["1", "200"], cursor: CURSORS };

function queryFrom(parameters: readonly Parameter[]): fc.Arbitrary<string> {
  const known = parameters.filter((parameter) => parameter.in === "query");
  const pairs = known.map(({ name, schema }) => {
    const values = [...(NAMED_VALUES[name] ?? []), ...((schema["enum"] as string[] | undefined) ?? [])];
    const likely = fc.constantFrom(...values, "1", "2026-11-21T08:00:00Z", "2026-11-21", "true", "d");
    return fc.tuple(fc.constant(name), fc.oneof({ weight: 3, arbitrary: likely }, { weight: 2, arbitrary: hostile }));
  });
  const unknown = fc.tuple(fc.constantFrom("x", "__proto__", "limit[]", "a b", "constructor"), hostile);
  const some = fc.array(
    pairs.length === 0 ? unknown : fc.oneof({ weight: 9, arbitrary: fc.oneof(...pairs) }, unknown),
    {
      maxLength: 3,
    },
  );
  const asText = some.map((list) => list.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&"));
  return fc.oneof(
    { weight: 12, arbitrary: asText },
    {
      weight: 1,
      arbitrary: fc.constantFrom("%", "=", "&&&", "q=%E0%A4", `q=${"x".repeat(100_000)}`, "a".repeat(50_000)),
    },
  );
}

const HEADERS: Record<string, readonly string[]> = {
  "If-Match": ["*", '"v1"', "v1", '"', 'W/"v1"', '"v99999999999999999999"', `${'"v1",'.repeat(200)}"v2"`],
  "If-None-Match": ["*", '"v1"', 'W/"v1"', '"v1-gzip"', ",", '"v-1"'],
  "Idempotency-Key": ["a", "k".repeat(255), "k".repeat(3000), "'", "é", " "],
  Accept: ["application/gpx+xml", "text/html", "*/*;q=0", "x", "application/geo+json, */*"],
  "Last-Event-ID": ["1", "-1", "x", "9".repeat(40)],
  Cookie: ["waystock_session=x", "waystock_session=", "=", ";;;", "a=%"],
  Range: ["bytes=0-1", "bytes=9-1"],
  Origin: ["null", "https://evil.example"],
  "X-Forwarded-For": ["1.2.3.4", "'", "::1,"],
  "Accept-Language": ["x", "de"],
  "X-Requested-With": ["waystock"],
};
const headers = fc
  .array(
    fc
      .constantFrom(...Object.keys(HEADERS))
      .chain((name) => fc.constantFrom(...HEADERS[name]!).map((value): [string, string] => [name, value])),
    { maxLength: 2 },
  )
  .map((list) => Object.fromEntries(list));

const MEDIA_TYPES = [
  "application/json", "application/json; charset=utf-16", "text/plain", "text/csv", "application/octet-stream", "multipart/form-data",
  "application/x-www-form-urlencoded", "application/merge-patch+json", "application/xml", "x",
]; // prettier-ignore

function requestFor(
  route: string,
  { parameters = [], requestBody }: Operation,
  schemas: Schemas,
): fc.Arbitrary<FuzzedRequest> {
  const [method, path] = route.split(" ") as [string, string];
  const segments = fc.array(segment, { minLength: 3, maxLength: 3 });
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? ["application/json", undefined];
  const body = method === "GET" ? fc.constant(undefined) : bodyFrom(content?.schema, schemas, type);
  const mediaType = fc.oneof({ weight: 12, arbitrary: fc.constant(type) }, fc.constantFrom(undefined, ...MEDIA_TYPES));
  return fc.record({ segments, query: queryFrom(parameters), headers, body, mediaType }).map((parts) => {
    let at = 0;
    const target = path.replaceAll(/\{\w+\}/g, () => parts.segments[at++]!);
    const sendsType = parts.body !== undefined && parts.mediaType !== undefined;
    return {
      route,
      method,
      path: parts.query === "" ? target : `${target}?${parts.query}`,
      headers: { ...parts.headers, ...(sendsType && { "Content-Type": parts.mediaType! }) },
      body: parts.body,
    };
  });
}

/** Operations that hash a password at each call: they are tried ten times less often. */
const SLOW = /^POST \/auth\/(login|setup|reset|password|totp)$|^(POST|PUT) \/users/;

/**
 * Requests for every operation of the OpenAPI document: shaped by its schemas and then spoilt, or garbage from the start.
 * The same seed makes the same requests.
 */
export function fuzzedRequests({ paths, components }: ApiDocument, count: number, seed: number): FuzzedRequest[] {
  const choices = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const route = `${method.toUpperCase()} ${path}`;
      return { weight: SLOW.test(route) ? 1 : 10, arbitrary: requestFor(route, operation, components.schemas) };
    }),
  );
  return fc.sample(fc.oneof(...choices), { numRuns: count, seed });
}
