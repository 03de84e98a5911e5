import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const PAGE = join(import.meta.dirname, "..", "docs", "guarantees.md");
const page = readFileSync(PAGE, "utf8");

/** `[title of the test](path)`: every proof the page names. */
const proofs = [...page.matchAll(/^\s*- \[(.+)\]\((\.\.\/test\/[^)]+)\)/gm)].map(
  ([, title, path]) => [title!, path!] as const,
);

test("every promise of the page names a proof, or says that it has none", () => {
  const promises = page.split(/^## /m).slice(1);
  expect(promises.length).toBeGreaterThanOrEqual(8);
  for (const promise of promises) expect(promise).toMatch(/\]\(\.\.\/test\/|\*\*Not yet proven/);
});

test.each(proofs)("there is a test “%s” in %s", (title, path) => {
  const source = readFileSync(join(dirname(PAGE), path), "utf8");
  expect(source.replaceAll(/\\(["'`])/g, "$1")).toContain(title);
});
