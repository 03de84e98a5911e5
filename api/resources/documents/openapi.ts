import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../../deps.ts";

const TITLE = "Waystock";
const DESCRIPTION = "Tracks shipments and stock levels from sensor data.";

/** Generates the OpenAPI documents of all endpoints registered on `app`. */
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

/**
 * Translates a schema of 3.1 into one of OpenAPI 3.0.3 (schema object): a type such as `["string", "null"]` into one type
 * and `nullable`, an exclusive bound that is a number into a bound and a flag.
 */
function toOpenApi30(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(toOpenApi30);
  if (typeof part !== "object" || part === null) return part;
  const translated = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, toOpenApi30(inner)]));
  for (const [bound, exclusive] of EXCLUSIVE_BOUNDS) {
    if (typeof translated[exclusive] !== "number") continue;
    translated[bound] = translated[exclusive];
    translated[exclusive] = true;
  }
  const { type } = translated;
  if (!Array.isArray(type) || !type.includes("null")) return translated;
  return { ...translated, type: type.find((name) => name !== "null") as string, nullable: true };
}

const EXCLUSIVE_BOUNDS = [
  ["minimum", "exclusiveMinimum"],
  ["maximum", "exclusiveMaximum"],
] as const;
