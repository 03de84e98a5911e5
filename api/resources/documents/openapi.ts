import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../../deps.ts";

const TITLE = "Waystock";
const DESCRIPTION = "Where every shipment is and how much is on every shelf, from the sensors themselves.";

/** The OpenAPI documents of everything registered on `app`. */
export function openApiDocuments(
  app: OpenAPIHono<ApiEnv>,
  version: string,
  publicUrl: string,
): { v31: object; v30: object } {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "waystock_session",
  });
  const info = { title: TITLE, version, description: DESCRIPTION };
  const servers = [{ url: publicUrl }];
  return {
    v31: app.getOpenAPI31Document({ openapi: "3.1.0", info, servers }),
    v30: toOpenApi30(app.getOpenAPIDocument({ openapi: "3.0.3", info, servers })) as object,
  };
}

/** Types given as in 3.1, `["string", "null"]`, said as in 3.0: one type, and `nullable` (OpenAPI 3.0.3, schema object). */
function toOpenApi30(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(toOpenApi30);
  if (typeof part !== "object" || part === null) return part;
  const said = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, toOpenApi30(inner)]));
  const { type } = said;
  if (!Array.isArray(type) || !type.includes("null")) return said;
  return { ...said, type: type.find((name) => name !== "null") as string, nullable: true };
}
