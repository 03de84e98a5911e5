import { afterAll, beforeAll, expect, test } from "vitest";
import { toSwaggerSchema } from "../../../api/resources/documents/swagger-schema.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Swagger {
  swagger: string;
  info: { title: string; version: string };
  host: string;
  schemes: string[];
  paths: Record<
    string,
    Record<string, { parameters: { in: string; name: string }[]; responses: Record<string, { schema?: unknown }> }>
  >;
  definitions: Record<string, { properties: Record<string, { type?: string }> }>;
}

test("the tracking API in Swagger 2.0 has the title, version, paths and definitions of its design document", async () => {
  const response = await api.app.request("/swagger.json");
  expect(response.status).toBe(200);
  const document = (await response.json()) as Swagger;
  expect(document.swagger).toBe("2.0");
  expect(document.info).toMatchObject({ title: "Supply Chain Tracking System API", version: "1.0" });
  expect([document.host, document.schemes]).toEqual(["waystock.test", ["http"]]);
  expect(document.paths["/shipments"]!["get"]!.responses["200"]!.schema).toEqual({
    type: "array",
    items: { $ref: "#/definitions/Shipment" },
  });
  expect(document.paths["/shipments"]!["post"]!.parameters).toContainEqual(
    expect.objectContaining({ in: "body", schema: { $ref: "#/definitions/NewShipment" } }),
  );
  expect(document.paths["/shipments"]!["post"]!.responses).toHaveProperty("201");
  const { properties } = document.definitions["Shipment"]!;
  expect(
    [properties["id"], properties["product_name"], properties["quantity"], properties["status"]].map((p) => p!.type),
  ).toEqual(["integer", "string", "integer", "string"]);
  const text = JSON.stringify(document);
  const referred = [...text.matchAll(/"#\/definitions\/([^"]+)"/g)].map(([, name]) => name!);
  for (const name of referred) expect(document.definitions, name).toHaveProperty([name]);
  expect(text).not.toMatch(/#\/components|"nullable"|"anyOf"|"oneOf"/);
});

test.each([
  ["null", { type: "string", nullable: true }, { type: "string", "x-nullable": true }],
  [
    "a choice",
    { anyOf: [{ type: "integer" }, { type: "string" }] },
    { "x-any-of": [{ type: "integer" }, { type: "string" }] },
  ],
  [
    "a property named like a keyword",
    { properties: { nullable: { type: "boolean" } } },
    { properties: { nullable: { type: "boolean" } } },
  ],
  ["a reference", { items: { $ref: "#/components/schemas/A" } }, { items: { $ref: "#/definitions/A" } }],
  ["an example", { example: { nullable: true } }, { example: { nullable: true } }],
])("%s is said as Swagger 2.0 can", (_, schema, expected) => {
  expect(toSwaggerSchema(schema)).toEqual(expected);
});
