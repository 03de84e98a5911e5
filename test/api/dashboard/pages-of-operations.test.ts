import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { PAGES_OF_OPERATIONS } from "./pages-of-operations.ts";

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

const ROOT = join(import.meta.dirname, "../../..");
/** What a file that makes such a request calls. */
const CALLS: Record<string, RegExp> = {
  GET: /\b(?:get|getAll|useGet|useAll|useFound|getChecked|openStream)\(|href=|const path =/,
  POST: /\b(?:post|postText|postFile)\(/,
  PUT: /\bput\(/,
  DELETE: /\bremove\(/,
};

let operations: string[];
beforeAll(async () => {
  // A test keeps the committed document equal to the one that is served.
  const { paths } = JSON.parse(await readFile(join(ROOT, "docs/api/openapi.json"), "utf8")) as Document;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
});

test("every operation of the API names its page, or says why people have none", () => {
  expect(operations.length).toBeGreaterThan(110);
  expect(Object.keys(PAGES_OF_OPERATIONS).toSorted()).toEqual(operations.toSorted());
});

test("the page that an operation names makes its request", async () => {
  const wrong: string[] = [];
  for (const [operation, page] of Object.entries(PAGES_OF_OPERATIONS)) {
    if (typeof page !== "string") continue;
    const text = await readFile(join(ROOT, "api/dashboard", page), "utf8").catch(() => "");
    const [method, path] = operation.split(" ") as [string, string];
    // The last part of the path that is no parameter; where the path ends with one, it follows.
    const [, part = "", parameter = ""] = /\/([\w.-]+)((?:\/\{\w+\})?)$/.exec(path) ?? [];
    const written = text.includes(`/${part}${parameter === "" ? "" : "/${"}`) || text.includes(`"${path}"`);
    if (!written || !CALLS[method]!.test(text)) wrong.push(`${operation}: ${page}`);
  }
  expect(wrong).toEqual([]);
});
