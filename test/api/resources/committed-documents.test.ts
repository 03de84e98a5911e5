import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

const root = join(import.meta.dirname, "../../..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
/** `npm run documents` sets it. */
const WRITE = process.env["WRITE_DOCUMENTS"] === "1";

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ version, publicUrl: "http://localhost:8080" });
});
afterAll(() => api.close());

/** JSON with whatever fits on a line on one line, so that a change is a short diff. */
function formatted(value: unknown, indent = ""): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const flat = JSON.stringify(value, null, 1).replaceAll(/\n */g, " ");
  if (indent.length + flat.length <= 120) return flat;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Object.entries(value).map(([name, part]) =>
    Array.isArray(value) ? formatted(part, inner) : `${JSON.stringify(name)}: ${formatted(part, inner)}`,
  );
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Where two documents differ, as paths: `paths /shipments post responses 201`. */
function differences(committed: unknown, served: unknown, path: readonly string[] = []): string[] {
  if (JSON.stringify(committed) === JSON.stringify(served)) return [];
  if (!isObject(committed) || !isObject(served)) return [path.join(" ")];
  const names = [...new Set([...Object.keys(committed), ...Object.keys(served)])];
  const inside = names.flatMap((name) => differences(committed[name], served[name], [...path, name]));
  return inside.length > 0 ? inside : [`${path.join(" ")} (order of names)`];
}

test.each(["openapi.json", "openapi-3.0.json", "swagger.json", "asyncapi.json"])(
  "docs/api/%s is what the API serves",
  async (name) => {
    const file = join(root, "docs", "api", name);
    const served: unknown = await (await api.app.request(`/${name}`)).json();
    if (WRITE) writeFileSync(file, `${formatted(served)}\n`);
    const committed: unknown = JSON.parse(readFileSync(file, "utf8"));
    const where = differences(committed, served).slice(0, 20);
    expect(where, `docs/api/${name} differs: run \`npm run documents\`, read the diff and commit it`).toEqual([]);
  },
);

test("api/client/schema.d.ts was made of docs/api/openapi.json", () => {
  const types = readFileSync(join(root, "api", "client", "schema.d.ts"), "utf8");
  const document = readFileSync(join(root, "docs", "api", "openapi.json"));
  const sha256 = createHash("sha256").update(document).digest("hex");
  // `npm run documents` makes the types after this.
  if (!WRITE) expect(types, "the client's types are outdated: run `npm run documents`").toContain(sha256);
});
