import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnv } from "../../deps.ts";
import { registerProblems } from "../../http/openapi/problem-responses.ts";
import { withExamples } from "./with-examples.ts";

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
  app.openAPIRegistry.registerComponent("securitySchemes", "client", {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "/oauth/token", scopes: {} } },
  });
  registerProblems(app.openAPIRegistry);
  const info = { title: TITLE, version, description: DESCRIPTION, contact: { name: TITLE, url: publicUrl } };
  const servers = [{ url: publicUrl }];
  const tags = tagsOf(app);
  return {
    v31: withExamples(app.getOpenAPI31Document({ openapi: "3.1.0", info, servers, tags })),
    v30: withExamples(toOpenApi30(app.getOpenAPIDocument({ openapi: "3.0.3", info, servers, tags }))),
  };
}

/** The tags of all operations, in the order of the alphabet. */
function tagsOf(app: OpenAPIHono<ApiEnv>): Array<{ name: string }> {
  const names = app.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route" ? (definition.route.tags ?? []) : [],
  );
  return [...new Set(names)].sort().map((name) => ({ name }));
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
  for (const choice of ["anyOf", "oneOf"]) {
    if (Array.isArray(translated[choice])) translated[choice] = withoutNullType(translated[choice] as Schema[]);
  }
  const { type, nullable: _, ...untyped } = translated;
  // A schema without a type allows null anyway, and 3.0.3 knows `nullable` only beside a type.
  if (type === undefined && translated.nullable === true) return untyped;
  if (!Array.isArray(type) || !type.includes("null")) return translated;
  return { ...translated, type: type.find((name) => name !== "null") as string, nullable: true };
}

type Schema = Readonly<Record<string, unknown>>;

/** 3.0.3 has no type "null": the first of the other choices is `nullable` instead. */
function withoutNullType(choices: readonly Schema[]): readonly Schema[] {
  const others = choices.filter(({ type }) => type !== "null");
  return others.length === choices.length
    ? choices
    : others.map((choice, at) => (at === 0 ? { ...choice, nullable: true } : choice));
}

const EXCLUSIVE_BOUNDS = [
  ["minimum", "exclusiveMinimum"],
  ["maximum", "exclusiveMaximum"],
] as const;
