import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServedApi, serveApi } from "../support/served-api.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

let api: ServedApi;
let folder: string;
beforeAll(async () => {
  api = await serveApi();
  folder = await mkdtemp(join(tmpdir(), "waystock-client-"));
}, 60_000);
afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

/** What somebody writes who has installed the client: create, read, change, and the pages of a list. */
const PROGRAM = `
import { clientCredentials, createWaystockClient, nextCursor, type Schemas } from "waystock-client";

const [baseUrl, clientId, clientSecret] = process.argv.slice(2) as [string, string, string];
const client = createWaystockClient({ baseUrl, token: clientCredentials({ baseUrl, clientId, clientSecret }) });

const body = { product_name: "Product B", quantity: 50, location: "storage" } as const;
const created = await client.POST("/shipments", { body, params: { header: { "Idempotency-Key": "once" } } });
const shipment: Schemas["Shipment"] = created.data!;
const etag = created.response.headers.get("ETag")!;
const params = { path: { id: shipment.id } };
const read = await client.GET("/shipments/{id}", { params });
const changed = await client.PUT("/shipments/{id}", {
  params: { ...params, header: { "If-Match": etag } },
  body: { status: "in_transit" },
});
const stale = await client.PUT("/shipments/{id}", {
  params: { ...params, header: { "If-Match": etag } },
  body: { reference: "too late" },
});
await client.POST("/shipments", { body: { ...body, quantity: 51 } });
const ids: number[] = [];
let cursor: string | undefined;
do {
  const { data, response } = await client.GET("/shipments", { params: { query: { limit: 1, ...(cursor && { cursor }) } } });
  ids.push(...data!.map(({ id }) => id));
  cursor = nextCursor(response);
} while (cursor !== undefined);
console.log(JSON.stringify({ read: read.data!.quantity, status: changed.data!.status, stale: stale.error!.status, pages: ids.length }));
`;

test("the packed client is installed offline into an empty folder, compiles, and creates, reads and changes by a real API", async () => {
  const admin = await api.as("admin");
  const { body: system } = await admin("POST /api-clients", { name: "shop", role: "operator" });
  await run("npm", ["pack", join(root, "api", "client"), "--pack-destination", folder], { cwd: root });
  const packed = (await readdir(folder)).find((name) => name.endsWith(".tgz"))!;
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await writeFile(join(folder, "program.ts"), PROGRAM);
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${packed}`], { cwd: folder });
  expect(await readdir(join(folder, "node_modules"))).toEqual(expect.not.arrayContaining(["openapi-fetch"]));
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const types = ["--typeRoots", join(root, "node_modules", "@types"), "--types", "node"];
  await run(
    process.execPath,
    [tsc, "program.ts", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom", ...strict, ...types],
    { cwd: folder },
  ).catch(({ stdout }: { stdout: string }) => expect(stdout, "the compiler's complaints").toBe(""));
  const secret = system as { client_id: string; client_secret: string };
  const { stdout } = await run(process.execPath, ["program.js", api.url, secret.client_id, secret.client_secret], {
    cwd: folder,
  });
  expect(JSON.parse(stdout)).toEqual({ read: 50, status: "in_transit", stale: 412, pages: 2 });
}, 120_000);
