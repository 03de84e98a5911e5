import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLES, UNPROVABLE_EXAMPLES } from "../../../api/resources/documents/examples.ts";
import type { RequestExample } from "../../../api/resources/documents/request-example.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { example?: unknown }> } }>>;
}

/** The request line of an example: `PUT /items/1`. */
function callOf(route: string, { path = {}, query = {} }: RequestExample): string {
  const target = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const asked = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return asked === "" ? target : `${target}?${asked}`;
}

test("the examples of the OpenAPI document succeed when they are sent, one after the other", async () => {
  const admin = await api.as("admin");
  for (const [route, example] of Object.entries(EXAMPLES)) {
    const { status, body } = await admin(callOf(route, example), example.body);
    expect([route, status, status < 300 ? "" : body]).toEqual([route, expect.toSatisfy((s: number) => s < 300), ""]);
  }
});

test.each(["/openapi.json", "/openapi-3.0.json"])("every request body in %s has an example", async (path) => {
  const document = (await (await api.app.request(path)).json()) as Document;
  const without = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { requestBody }]) => requestBody && !("example" in Object.values(requestBody.content)[0]!))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  );
  expect(without).toEqual([]);
});

test("every example is of an operation that there is", async () => {
  const document = (await (await api.app.request("/openapi.json")).json()) as Document;
  for (const route of Object.keys({ ...EXAMPLES, ...UNPROVABLE_EXAMPLES })) {
    const [method, path] = route.split(" ") as [string, string];
    expect(document.paths[path]?.[method.toLowerCase()], route).toBeDefined();
  }
});
