import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import type { ApiEnv, ApiSettings } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { notFound } from "../../http/problem.ts";
import { asyncApiDocument } from "./asyncapi.ts";
import { openApiDocuments } from "./openapi.ts";
import { type OpenApi30, swaggerDocument } from "./swagger.ts";
import { referencePage } from "./reference-page.ts";

const document = z.looseObject({});

/** The API documents itself: OpenAPI, AsyncAPI and a reference page. OpenAPI is generated once, at the first request. */
export function registerDocuments(endpoints: Endpoints, app: OpenAPIHono<ApiEnv>, settings: ApiSettings): void {
  const tag = "Operations";
  let cached: { v31: object; v30: object } | undefined;
  const documents = (): { v31: object; v30: object } =>
    (cached ??= openApiDocuments(app, settings.version, settings.publicUrl));

  endpoints.read(
    { route: "GET /openapi.json", access: "public", tag, summary: "Get this API as OpenAPI 3.1", response: document },
    async () => ({
      status: 200,
      body: documents().v31,
    }),
  );
  endpoints.read(
    {
      route: "GET /openapi-3.0.json",
      access: "public",
      tag,
      summary: "Get this API as OpenAPI 3.0",
      response: document,
    },
    async () => ({
      status: 200,
      body: documents().v30,
    }),
  );
  endpoints.read(
    {
      route: "GET /swagger.json",
      access: "public",
      tag,
      summary: "Get the tracking API as Swagger 2.0",
      response: document,
    },
    async () => ({
      status: 200,
      body: swaggerDocument(documents().v30 as OpenApi30),
    }),
  );
  endpoints.read(
    {
      route: "GET /asyncapi.json",
      access: "public",
      tag,
      summary: "Get the MQTT interface as AsyncAPI 3.0",
      response: document,
    },
    async () => ({
      status: 200,
      body: asyncApiDocument(settings.version, settings.publicUrl),
    }),
  );
  endpoints.custom(
    {
      route: "GET /docs/devices",
      access: "public",
      tag,
      summary: "Read how to connect devices (Markdown)",
      response: z.string(),
      responseType: "text/markdown",
      problems: { 404: "this installation has no guide" },
    },
    async ({ c }) => {
      if (settings.deviceGuide === undefined) throw notFound("page");
      return c.body(settings.deviceGuide, 200, { "Content-Type": "text/markdown; charset=utf-8" });
    },
  );
  endpoints.custom(
    {
      route: "GET /docs",
      access: "public",
      tag,
      summary: "Read the API reference (HTML)",
      response: z.string(),
      responseType: "text/html",
    },
    async ({ c }) => c.html(referencePage(documents().v31)),
  );
}
