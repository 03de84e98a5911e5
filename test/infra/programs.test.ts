import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
/** A module that stands beside the one that starts it, as source or as built: no import names it, so that a wrong name compiles. */
const PROGRAM = /new URL\(`(\.[^`$]*(?:\$\{name\})?)\$\{extname\(import\.meta\.url\)\}/g;
const PARTS = ["broker", "ingest", "api", "infra", "simulators"];
const PROCESSES = ["api", "broker", "ingest"];

test("every program that is started by its file is there", async () => {
  const sources: string[] = [];
  for (const part of PARTS) {
    const files = await readdir(join(root, part), { recursive: true });
    sources.push(...files.filter((file) => file.endsWith(".ts")).map((file) => join(part, file)));
  }
  const named: string[] = [];
  for (const file of sources) {
    for (const [, path] of (await readFile(join(root, file), "utf8")).matchAll(PROGRAM))
      for (const name of path!.includes("${name}") ? PROCESSES : [""])
        named.push(join(dirname(file), `${path!.replace("${name}", name)}.ts`));
  }
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([]);
});
