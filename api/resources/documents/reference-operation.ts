import { z } from "zod";
import { escapeHtml as escape } from "./html.ts";

const schemaObject = z.looseObject({});
const content = z.record(
  z.string(),
  z.looseObject({ schema: schemaObject.default({}), example: z.unknown().optional() }),
);
const response = z.looseObject({ description: z.string().optional(), content: content.optional() });

/** What the page shows of an operation. */
export const operation = z.looseObject({
  summary: z.string().optional(),
  tags: z.array(z.string()).default([]),
  "x-roles": z.array(z.string()).default([]),
  parameters: z
    .array(
      z.looseObject({
        name: z.string(),
        in: z.string(),
        description: z.string().optional(),
        required: z.boolean().optional(),
        schema: schemaObject.default({}),
        example: z.unknown().optional(),
      }),
    )
    .default([]),
  requestBody: z.looseObject({ content }).optional(),
  responses: z.record(z.string(), z.union([z.object({ $ref: z.string() }), response])).default({}),
});
type Operation = z.output<typeof operation>;

interface Shown {
  method: string;
  path: string;
  described: Operation;
  /** the address of the API */
  server: string;
  /** responses that operations share, by name */
  responses: Readonly<Record<string, { description: string }>>;
}

/** One operation: its roles, parameters, body with an example, and answers. */
export function operationHtml({ method, path, described, server, responses }: Shown): string {
  const parameters = described.parameters.map(
    ({ name, in: place, required, schema, description = "" }) =>
      `<li><code>${escape(name)}</code> (${escape(place)}, ${typeHtml(schema)}${required === true ? ", required" : ""}) ${escape(description)}</li>`,
  );
  const answers = Object.entries(described.responses).map(([status, told]) => {
    const name = "$ref" in told ? String(told.$ref).split("/").at(-1)! : undefined;
    const { description = "" } = name === undefined ? (told as { description?: string }) : (responses[name] ?? {});
    const body = name === undefined ? contentHtml((told as z.output<typeof response>).content) : "";
    return `<li><code>${escape(status)}</code> ${escape(description)}${body}</li>`;
  });
  const { content: body } = described.requestBody ?? {};
  return `<details id="${escape(`${method}-${path}`)}"><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(described.summary ?? "")}</summary>
<p>Roles: ${escape(described["x-roles"].join(", "))}</p>${parameters.length > 0 ? `<ul>${parameters.join("")}</ul>` : ""}${body ? `<p>Body:${contentHtml(body)}</p>` : ""}
<pre>${escape(curlOf({ method, path, described, server }))}</pre><ul>${answers.join("")}</ul></details>`;
}

/** The bodies by media type, with a link to their schema. */
function contentHtml(bodies: z.output<typeof content> | undefined): string {
  const told = Object.entries(bodies ?? {}).map(([type, { schema }]) => ` ${typeHtml(schema)} (${escape(type)})`);
  return told.join(" or");
}

/** The type of a value; of a named schema a link to it. */
function typeHtml(schema: Readonly<Record<string, unknown>>): string {
  const { $ref, type, items, anyOf, enum: values } = schema;
  if (typeof $ref === "string") {
    const name = escape($ref.split("/").at(-1)!);
    return `<a href="#schema-${name}">${name}</a>`;
  }
  if (type === "array") return `list of ${typeHtml((items ?? {}) as Readonly<Record<string, unknown>>)}`;
  if (Array.isArray(anyOf))
    return anyOf.map((choice: Readonly<Record<string, unknown>>) => typeHtml(choice)).join(" or ");
  if (Array.isArray(values)) return `one of ${escape(values.join(", "))}`;
  if (Array.isArray(type)) return escape(type.join(" or "));
  return typeof type === "string" ? escape(type) : "any";
}

/** The request as a command for a terminal; `$TOKEN` is an access token. */
function curlOf({ method, path, described, server }: Omit<Shown, "responses">): string {
  const valueOf = (place: string) =>
    described.parameters.filter((parameter) => parameter.in === place && parameter.example !== undefined);
  const examples = new Map(valueOf("path").map(({ name, example }) => [name, String(example)]));
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(examples.get(name) ?? "1"));
  const query = valueOf("query").map(({ name, example }) => `${name}=${encodeURIComponent(String(example))}`);
  const [type, body] = Object.entries(described.requestBody?.content ?? {})[0] ?? [];
  const isPublic = described["x-roles"].includes("public");
  const isForm = type === "application/x-www-form-urlencoded";
  const fields = Object.entries((body?.example ?? {}) as Record<string, unknown>);
  return [
    `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}'${server}${target}${query.length > 0 ? `?${query.join("&")}` : ""}'`,
    !isPublic && `  -H "Authorization: Bearer $TOKEN"`,
    body && !isForm && `  -H 'Content-Type: ${type}'`,
    body && !isForm && `  -d '${JSON.stringify(body.example ?? {}).replaceAll("'", String.raw`'\''`)}'`,
    ...(isForm ? fields.map(([name, value]) => `  --data-urlencode '${name}=${String(value)}'`) : []),
  ]
    .filter((line) => typeof line === "string")
    .join(" \\\n");
}
