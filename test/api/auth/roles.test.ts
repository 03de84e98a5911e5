import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROLES } from "../../../api/auth/roles.ts";
import { startApi, type TestApi } from "../support.ts";
import { ROUTE_ACCESS } from "./route-access.ts";

let api: TestApi;
const callers = new Map<string, Awaited<ReturnType<TestApi["as"]>>>();
beforeAll(async () => {
  api = await startApi();
  for (const role of ROLES) callers.set(role, await api.as(role));
});
afterAll(() => api.close());

const withExampleIds = (route: string): string =>
  route
    .replace("{name}", "native")
    .replace("{epc}", "0000")
    .replace(/\{id\}/, "999999");

interface Documented {
  paths: Record<string, Record<string, { "x-roles": string[]; responses: object }>>;
}

test("the OpenAPI document names every route with exactly the roles of the access table", async () => {
  for (const path of ["/openapi.json", "/openapi-3.0.json"]) {
    const document = (await (await api.app.request(path)).json()) as Documented & { openapi: string };
    expect(document.openapi).toMatch(path.includes("3.0") ? /^3\.0/ : /^3\.1/);
    const documented = Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, { "x-roles": roles }]) => [`${method.toUpperCase()} ${route}`, roles]),
    );
    const table = Object.entries(ROUTE_ACCESS).map(([route, access]) => [
      route,
      access === "public" ? ["public"] : access,
    ]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(table));
  }
});

test("the OpenAPI 3.0 document uses only schema keywords of 3.0", async () => {
  const text = await (await api.app.request("/openapi-3.0.json")).text();
  expect(text).toContain('"nullable":true');
  // Keywords of JSON Schema 2020-12 (OpenAPI 3.0.3, schema object: `type` is one string, and there is no type "null").
  const keywordsOf31 =
    /.{0,80}(?:"type":\[|"type":"null"|"exclusiveM(?:in|ax)imum":-?\d|"const":|"prefixItems":|"examples":\[)/;
  expect(keywordsOf31.exec(text)?.[0]).toBeUndefined();
});

test("no route is served that the access table does not name", () => {
  const named = new Set(Object.keys(ROUTE_ACCESS).map((route) => route.replace(/\{(\w+)\}/g, ":$1")));
  const served = api.app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
  expect(served.length).toBeGreaterThan(50);
  for (const route of served) expect(named, route).toContain(route);
});

describe.each(Object.entries(ROUTE_ACCESS))("%s", (route, access) => {
  if (access === "public") {
    test("needs no authentication", async () => {
      const [method, path] = withExampleIds(route).split(" ") as [string, string];
      const response = await api.app.request(path, { method });
      await response.arrayBuffer();
      expect([401, 403]).not.toContain(/^POST .auth.(login|setup|refresh)$/.test(route) ? 0 : response.status);
    });
    return;
  }
  test("answers 401 without a valid token and 403 to every role outside the access table", async () => {
    const [method, path] = withExampleIds(route).split(" ") as [string, string];
    for (const headers of [{}, { Authorization: "Bearer nonsense" }, { Authorization: "Basic eA==" }]) {
      expect((await api.app.request(path, { method, headers })).status).toBe(401);
    }
    for (const role of ROLES.filter((role) => !access.includes(role))) {
      const answer = await callers.get(role)!(withExampleIds(route));
      expect(answer.status, role).toBe(403);
      expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    }
  });
});

test("what a handler refuses to a role is audited like what the table refuses", async () => {
  const viewer = await api.as("viewer");
  const { status, body: problem } = await viewer("GET /stream?topics=devices");
  expect(status).toBe(403);
  const { body } = await callers.get("auditor")!("GET /audit?subject=/stream");
  expect(body).toMatchObject([
    {
      actor: expect.stringMatching(/^user:/),
      action: "GET",
      outcome: "refused",
      detail: { reason: problem["detail"] },
    },
  ]);
});

test("a denial is audited", async () => {
  // Of one actor the audit keeps the first refusals of an hour, and the callers above have had many.
  await (
    await api.as("viewer")
  )("GET /users");
  const { body } = await callers.get("auditor")!("GET /audit?limit=200");
  expect(body).toContainEqual(expect.objectContaining({ outcome: "refused", action: "GET", subject: "/users" }));
});
