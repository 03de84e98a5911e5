import { createRequire } from "node:module";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLES } from "../../api/resources/documents/examples.ts";
import { openApiTools } from "../support/openapi-tools.ts";
import { type ServedApi, serveApi } from "../support/served-api.ts";

const tools = await openApiTools();

let api: ServedApi;
beforeAll(async () => {
  api = await serveApi();
}, 60_000);
afterAll(() => api?.close());

interface Violation {
  message: string;
  severity: string;
}
interface Answer {
  status: number;
  violations: { input: Violation[]; output: Violation[] };
}
interface Prism {
  request(url: string, input: { method: string; headers: Record<string, string>; body?: unknown }): Promise<Answer>;
}

/** Prism as a validating proxy before the API: it reads the document by itself, and looks at requests and responses. */
async function prismOf(document: object): Promise<Prism> {
  const require = createRequire(join(tools!, "package.json"));
  const { getHttpOperationsFromSpec } = require("@stoplight/prism-http") as {
    getHttpOperationsFromSpec(document: object): Promise<object[]>;
  };
  const { createClientFromOperations } = require("@stoplight/prism-http/dist/client.js") as {
    createClientFromOperations(operations: object[], config: object): Prism;
  };
  return createClientFromOperations(await getHttpOperationsFromSpec(document), {
    ...{ isProxy: true, upstream: new URL(api.url), upstreamProxy: undefined, errors: false },
    ...{ checkSecurity: true, validateRequest: true, validateResponse: true, mock: { dynamic: false } },
    logger: pino({ level: "silent" }),
  });
}

/** Requests that are refused: their answers must be as documented, too. */
const REFUSED: readonly [method: string, path: string, body?: unknown][] = [
  ["post", "/shipments", { quantity: -1 }],
  ["get", "/shipments/999999"],
  ["get", "/shipments?limit=0"],
  ["put", "/orders/1", { status: "draft" }],
  ["delete", "/items/1"],
  ["post", "/auth/login", { email: "ada@example.com", password: "wrong" }],
];

test.runIf(tools)(
  "Prism between client and API finds no violation: every example, every read, and refusals",
  async () => {
    const document = (await (await fetch(`${api.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    const prism = await prismOf({ ...document, servers: [{ url: api.url }] });
    const headers = { authorization: `Bearer ${await api.tokenOf("admin")}`, "content-type": "application/json" };
    const violations: string[] = [];
    const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
      const answer = await prism.request(path, { method, headers, ...(body !== undefined && { body }) });
      for (const { message } of answer.violations.output)
        violations.push(`${method} ${path} ${answer.status}: ${message}`);
      return answer;
    };
    const ids: Record<string, string> = { id: "1", session_id: "1", unit_id: "1", command_id: "1", name: "native" };
    const reads = Object.entries(document.paths).filter(([path, methods]) => "get" in methods && path !== "/stream");
    for (const [route, { path = {}, query = {}, body }] of Object.entries(EXAMPLES)) {
      const [method, template] = route.split(" ") as [string, string];
      const target = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
      const asked = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
      const url = asked.length > 0 ? `${target}?${asked.join("&")}` : target;
      const { status, violations: found } = await send(method.toLowerCase(), url, body);
      expect([route, status < 300]).toEqual([route, true]);
      for (const { message } of found.input) violations.push(`request of ${route}: ${message}`);
    }
    for (const [template] of reads) {
      const id = template.startsWith("/devices/")
        ? "tracker-1"
        : template.startsWith("/service-accounts/")
          ? "bridge-1"
          : "1";
      const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        name === "id" ? id : (ids[name] ?? "3034257BF7194E4000001A85"),
      );
      await send("get", path);
    }
    for (const [method, path, body] of REFUSED)
      expect((await send(method, path, body)).status).toBeGreaterThanOrEqual(400);
    expect(violations).toEqual([]);
  },
  120_000,
);
