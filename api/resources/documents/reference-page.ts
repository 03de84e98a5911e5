import { z } from "zod";

const operation = z.looseObject({
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
      }),
    )
    .default([]),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}),
});
const documentSchema = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string().optional() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()).default({}) }).optional(),
});
type Operation = z.output<typeof operation>;

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** The status codes, to which the `type` of every problem links. */
const PROBLEMS: Record<number, string> = {
  400: "The request is invalid; `errors` lists every mistake.",
  401: "Not authenticated, or the token is not valid.",
  403: "The role may not do this, or a change by cookie lacks X-Requested-With.",
  404: "There is no such resource.",
  405: "The resource does not take this method; Allow lists those it does.",
  409: "The request conflicts with existing data.",
  412: "The resource changed since it was read: read it again.",
  413: "The body is larger than 1 MB.",
  415: "The body is not JSON.",
  422: "The Idempotency-Key was used for a different request.",
  429: "Too many requests; try again after Retry-After.",
  500: "A fault of the server; the log has it under the requestId.",
  503: "A part of the platform is not available, and nothing was changed. Try again after Retry-After.",
};

/** Renders the OpenAPI document as one HTML page without scripts or external resources. */
export function referencePage(openApi: object): string {
  const { info, paths, components } = documentSchema.parse(openApi);
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags[0] ?? "Other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), operationHtml(method, path, described)]);
    }
  }
  const sections = [...byTag].map(([tag, parts]) => `<h2 id="${escape(tag)}">${escape(tag)}</h2>${parts.join("")}`);
  const contents = [...byTag.keys()].map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(" ");
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary>${escape(name)}</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  const problems = Object.entries(PROBLEMS).map(
    ([status, meaning]) => `<dt id="status-${status}">${status}</dt><dd>${escape(meaning)}</dd>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><style>${STYLE}</style>
<h1>${escape(info.title)} API ${escape(info.version)}</h1><p>${escape(info.description ?? "")}</p>
<p><a href="/openapi.json">OpenAPI 3.1</a> <a href="/openapi-3.0.json">OpenAPI 3.0</a></p><nav>${contents}</nav>
${sections.join("")}<h2>Schemas</h2>${schemas.join("")}<h2>Problems</h2><dl>${problems.join("")}</dl></html>`;
}

function operationHtml(method: string, path: string, described: Operation): string {
  const parameters = described.parameters.map(
    ({ name, in: where, description = "", required }) =>
      `<li><code>${escape(name)}</code> (${escape(where)}${required === true ? ", required" : ""}) ${escape(description)}</li>`,
  );
  const body =
    described.requestBody === undefined
      ? ""
      : `<p>Body:</p><pre>${escape(JSON.stringify(described.requestBody, null, 1))}</pre>`;
  const answers = Object.entries(described.responses).map(
    ([status, { description = "" }]) => `<li><code>${escape(status)}</code> ${escape(description)}</li>`,
  );
  return `<details><summary><b>${method.toUpperCase()}</b> <code>${escape(path)}</code> ${escape(described.summary ?? "")}</summary>
<p>Roles: ${escape(described["x-roles"].join(", "))}</p><ul>${parameters.join("")}</ul>${body}<ul>${answers.join("")}</ul></details>`;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}html{max-width:60rem;margin:auto;padding:1rem}
nav a{margin-right:.75rem}details{border-bottom:1px solid #8884;padding:.35rem 0}summary{cursor:pointer}
summary b{display:inline-block;min-width:4.5rem}pre{overflow:auto;background:#8881;padding:.5rem;font-size:.85rem}`;
