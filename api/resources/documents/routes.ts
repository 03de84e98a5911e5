import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv, ApiSettings } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { openApiDocuments } from "./openapi.ts";
import { referencePage } from "./reference-page.ts";

/** The API documents itself: OpenAPI, AsyncAPI and a reference page. OpenAPI is generated once, at the first request. */
export function registerDocuments(endpoints: Endpoints, app: OpenAPIHono<ApiEnv>, settings: ApiSettings): void {
  const tag = "Operations";
  let cached: { v31: object; v30: object } | undefined;
  const documents = (): { v31: object; v30: object } =>
    (cached ??= openApiDocuments(app, settings.version, settings.publicUrl));

  endpoints.read(
    { route: "GET /openapi.json", access: "public", tag, summary: "Get this API as OpenAPI 3.1" },
    async () => ({
      status: 200,
      body: documents().v31,
    }),
  );
  endpoints.read(
    { route: "GET /openapi-3.0.json", access: "public", tag, summary: "Get this API as OpenAPI 3.0" },
    async () => ({
      status: 200,
      body: documents().v30,
    }),
  );
  endpoints.read(
    { route: "GET /asyncapi.json", access: "public", tag, summary: "Get the MQTT interface as AsyncAPI 3.0" },
    async () => ({
      status: 200,
      body: asyncApiDocument(settings.version, settings.publicUrl),
    }),
  );
  endpoints.custom(
    { route: "GET /docs", access: "public", tag, summary: "Read the API reference (HTML)" },
    async ({ c }) => c.html(referencePage(documents().v31)),
  );
}
