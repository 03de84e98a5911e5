import { mapValues, toSwaggerSchema } from "./swagger-schema.ts";

type Json = Readonly<Record<string, unknown>>;

/** A parameter, a response and an operation as api/http/openapi.ts describes them, in OpenAPI 3.0. */
interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Json;
}
interface Answer {
  description: string;
  headers?: Record<string, { schema: Json }>;
  content?: Record<string, { schema: Json }>;
}
interface Operation {
  requestBody?: { required?: boolean; content: Record<string, { schema: Json }> };
  parameters?: Parameter[];
  responses: Record<string, Answer | { $ref: string }>;
  [other: string]: unknown;
}
export interface OpenApi30 {
  servers: Array<{ url: string }>;
  components: { schemas: Record<string, Json>; responses: Record<string, Answer> };
  paths: Record<string, Record<string, Operation>>;
}

/** Title, description and version are those of the tracking system's design document; clients were made from it. */
const INFO = {
  title: "Supply Chain Tracking System API",
  description: "API for tracking shipments and inventory levels",
  version: "1.0",
};
const PATHS = /^\/(shipments|inventory-items|reorder-points|auth\/login|oauth\/token)(\/|$)/;
/** Swagger 2.0 knows no cookie as a credential, so the page's session is left out. */
const SECURITY = [{ bearer: [] }, { client: [] }];

/**
 * The tracking API in Swagger 2.0, which gateways and low-code connectors still need, translated from OpenAPI 3.0. Of
 * several media types of a body the first, JSON, is described.
 */
export function swaggerDocument(document: OpenApi30): object {
  const { protocol, host, pathname } = new URL(document.servers[0]!.url);
  const paths = Object.fromEntries(
    Object.entries(document.paths)
      .filter(([path]) => PATHS.test(path))
      .map(([path, operations]) => [
        path,
        mapValues(operations, (value) => toOperation(value as Operation, document.components)),
      ]),
  );
  const tags = Object.values(paths).flatMap((operations) =>
    Object.values(operations).flatMap((operation) => (operation as { tags: string[] }).tags),
  );
  return {
    swagger: "2.0",
    info: { ...INFO, contact: { name: "Waystock", url: document.servers[0]!.url } },
    host,
    basePath: pathname.replace(/\/$/, "") || "/",
    schemes: [protocol.replace(":", "")],
    consumes: ["application/json"],
    produces: ["application/json", "application/problem+json"],
    tags: [...new Set(tags)].toSorted().map((name) => ({ name })),
    securityDefinitions: {
      bearer: { type: "apiKey", in: "header", name: "Authorization", description: "`Bearer` and an access token" },
      client: {
        type: "oauth2",
        flow: "application",
        tokenUrl: new URL("/oauth/token", document.servers[0]!.url).href,
        scopes: {},
      },
    },
    paths,
    definitions: definitionsOf(document.components.schemas, paths),
  };
}

function toOperation(
  { requestBody, parameters = [], responses, security, ...operation }: Operation,
  { schemas, responses: shared }: OpenApi30["components"],
): Json {
  const isPublic = security === undefined;
  const [type, body] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const isForm = type === "application/x-www-form-urlencoded";
  return {
    ...operation,
    ...(isForm && { consumes: [type] }),
    parameters: [
      ...parameters.map(toParameter),
      ...(isForm ? formFields(body!.schema, schemas) : []),
      ...(body && !isForm
        ? [{ name: "body", in: "body", required: requestBody?.required ?? false, schema: toSwaggerSchema(body.schema) }]
        : []),
    ],
    responses: mapValues(responses, (value) => {
      const answer = value as Answer | { $ref: string };
      return toAnswer("$ref" in answer ? shared[answer.$ref.split("/").at(-1)!]! : answer);
    }),
    security: isPublic ? [] : SECURITY,
  };
}

/** The fields of a form are parameters. */
function formFields(schema: Json, schemas: Record<string, Json>): Json[] {
  const name = typeof schema["$ref"] === "string" ? schema["$ref"].split("/").at(-1)! : undefined;
  const { properties = {}, required = [] } = (name === undefined ? schema : schemas[name]!) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([field, value]) =>
    toParameter({ name: field, in: "formData", required: required.includes(field), schema: value }),
  );
}

/** Parameters have their type beside their name, not in a schema (“Parameter Object”). */
function toParameter({ name, in: place, required = false, description, schema }: Parameter): Json {
  const {
    description: own,
    example: _,
    "x-nullable": __,
    "x-any-of": choice,
    ...type
  } = toSwaggerSchema(schema) as Json;
  const text = description ?? own;
  return {
    name,
    in: place,
    required: place === "path" || required,
    ...(text !== undefined && { description: text }),
    ...(choice === undefined ? type : { type: "string" }),
  };
}

function toAnswer({ description, headers, content }: Answer): Json {
  const [body] = Object.values(content ?? {});
  return {
    description,
    ...(headers && { headers: mapValues(headers, (header) => toSwaggerSchema((header as { schema: Json }).schema)) }),
    ...(body && { schema: toSwaggerSchema(body.schema) }),
  };
}

/** The schemas that `paths` refer to, directly or through one another. */
function definitionsOf(schemas: Record<string, Json>, paths: Json): Json {
  const needed = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/definitions\/([^"]+)"/g)) {
      if (needed.has(name!)) continue;
      needed.add(name!);
      visit(toSwaggerSchema(schemas[name!]));
    }
  };
  visit(paths);
  return Object.fromEntries([...needed].toSorted().map((name) => [name, toSwaggerSchema(schemas[name])]));
}
