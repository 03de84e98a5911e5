import { z } from "zod";
import { escapeHtml as escape } from "./html.ts";
import { operation, operationHtml } from "./reference-operation.ts";

const documentSchema = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string().optional() }),
  servers: z.array(z.looseObject({ url: z.string() })).min(1),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()).default({}),
    responses: z.record(z.string(), z.looseObject({ description: z.string() })).default({}),
  }),
});

/** The status codes, to which the `type` of every problem links. */
const PROBLEMS: Record<string, string> = {
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
  "second-factor-required":
    "401: the password is right, and a code of the second factor is needed too: send it as `code`.",
  "second-factor-refused": "401: the code is wrong, or was used before.",
  503: "A part of the platform is not available. Repeat the request after Retry-After, a change with the same Idempotency-Key: it may have been made.",
};

/** Renders the OpenAPI document as one HTML page without scripts or external resources. */
export function referencePage(openApi: object): string {
  const { info, servers, paths, components } = documentSchema.parse(openApi);
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const tag = described.tags[0] ?? "Other";
      const html = operationHtml({ method, path, described, server: servers[0]!.url, responses: components.responses });
      byTag.set(tag, [...(byTag.get(tag) ?? []), html]);
    }
  }
  const sections = [...byTag].map(([tag, parts]) => `<h2 id="${escape(tag)}">${escape(tag)}</h2>${parts.join("")}`);
  const contents = [...byTag.keys()].map((tag) => `<a href="#${escape(tag)}">${escape(tag)}</a>`).join(" ");
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="schema-${escape(name)}"><summary>${escape(name)}</summary><pre>${escape(JSON.stringify(schema, null, 2))}</pre></details>`,
  );
  const problems = Object.entries(PROBLEMS).map(
    ([type, meaning]) =>
      `<dt id="${/^\d/.test(type) ? `status-${type}` : type}">${type}</dt><dd>${escape(meaning)}</dd>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><style>${STYLE}</style>
<h1>${escape(info.title)} API ${escape(info.version)}</h1><p>${escape(info.description ?? "")}</p>
<p><a href="/openapi.json">OpenAPI 3.1</a> <a href="/openapi-3.0.json">OpenAPI 3.0</a> <a href="/swagger.json">Swagger 2.0 (tracking)</a>
<a href="/asyncapi.json">AsyncAPI 3.0</a> <a href="/docs/devices">How to connect devices</a></p>
<p>Send <code>Authorization: Bearer</code> and an access token, which <code>POST /auth/login</code> gives to people and
<code>POST /oauth/token</code> to systems.</p><nav>${contents}</nav>
${sections.join("")}<h2>Schemas</h2>${schemas.join("")}<h2>Problems</h2><dl>${problems.join("")}</dl></html>`;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}html{max-width:60rem;margin:auto;padding:1rem}
nav a{margin-right:.75rem}details{border-bottom:1px solid #8884;padding:.35rem 0}summary{cursor:pointer}
summary b{display:inline-block;min-width:4.5rem}pre{overflow:auto;background:#8881;padding:.5rem;font-size:.85rem}
ul{margin:.25rem 0}summary:focus-visible{outline:2px solid}`;
