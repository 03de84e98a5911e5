import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

/* What the documentation names exists: files, operations, scripts, variables, metrics. */

const ROOT = join(import.meta.dirname, "..");
const PAGES = ["architecture", "debugging", "decisions/README", "devices", "guarantees", "operations"];
const GUIDES = ["README.md", "CONTRIBUTING.md", ...PAGES.map((page) => `docs/${page}.md`)];
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const NOT_OURS = /node_modules|openapi-tools/;
const PARTS = ["broker", "ingest", "api", "simulators", "infra", "test", "docs"];
const files = [...GUIDES, "CHANGELOG.md", "SECURITY.md", ".ci/run", ...PARTS.flatMap(filesOf)];

function filesOf(part: string): string[] {
  return readdirSync(join(ROOT, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !NOT_OURS.test(entry.parentPath))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const folders = new Set(files.flatMap((file) => file.split("/").map((_, at, parts) => parts.slice(0, at).join("/"))));
const known = new Set([...files, ...folders]);
const sources = files
  .filter((file) => /\.(?:ts|tsx|mjs|sql)$/.test(file) && !file.startsWith("docs/"))
  .map(read)
  .join("\n");

/** All that `pattern` finds in a guide, by its first group. */
const named = (guide: string, pattern: RegExp): string[] =>
  [...read(guide).matchAll(pattern)].map((match) => match[1] ?? match[0]);

test.each(GUIDES)("%s links to what exists", (guide) => {
  const links = named(guide, /\]\((?!https?:|#)([^)#]+)[^)]*\)/g).map((link) => normalize(join(dirname(guide), link)));
  expect(links.filter((link) => !known.has(link))).toEqual([]);
});

test.each(GUIDES)("files and folders that %s names exist", (guide) => {
  const paths = named(guide, /`((?:broker|ingest|api|infra|simulators|test|docs)\/[\w./-]*|[\w-]+\.(?:ts|tsx|mjs))`/g);
  const isKnown = (path: string): boolean => {
    const bare = path.replace(/\/$/, "");
    return known.has(bare) || files.some((file) => file.endsWith(`/${bare}`));
  };
  // Installed by the tests themselves.
  expect(paths.filter((path) => !isKnown(path) && path !== "test/openapi-tools/")).toEqual([]);
});

test.each(GUIDES)("what %s says starts here says so itself", (guide) => {
  const starts = named(guide, /START HERE: `([\w-]+\.ts)`/g);
  const says = (name: string): boolean =>
    files.some((file) => file.endsWith(`/${name}`) && read(file).includes("START HERE"));
  expect(starts.filter((name) => !says(name))).toEqual([]);
});

test("the list of decisions has each page once, by its title, without a hole in the numbers", () => {
  const pages = files.filter((file) => /^docs\/decisions\/\d/.test(file)).toSorted();
  const lines = pages.map((page, at) => {
    const number = String(at + 1).padStart(2, "0");
    const title = read(page)
      .split("\n")[0]!
      .replace(/^# \d+\. /, "");
    return `| [${number}](${page.slice("docs/decisions/".length)}) | ${title} |`;
  });
  expect(
    read("docs/decisions/README.md")
      .split("\n")
      .filter((line) => line.startsWith("| [")),
  ).toEqual(lines);
});

test("each folder of the parts stands in the architecture", () => {
  const architecture = read("docs/architecture.md");
  const parts = [...folders].filter((folder) => /^(?:broker|ingest|api|infra|simulators)\/[^/]+$/.test(folder));
  const stands = (folder: string): boolean => architecture.includes(`${folder.split("/")[1]!}/`);
  expect(parts.filter((folder) => !stands(folder))).toEqual([]);
});

test.each(GUIDES)("operations, scripts, variables and metrics that %s names exist", (guide) => {
  const document = JSON.parse(read("docs/api/openapi.json")) as { paths: Record<string, object> };
  const shape = (path: string): string => path.replaceAll(/\{\w+\}|\b\d+\b/g, "{}");
  const operations = new Set(
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${shape(path)}`),
    ),
  );
  const asked = named(guide, /`((?:GET|POST|PUT|DELETE) \/[\w./{}-]+)(?![\w./{}-]*\|)/g).map(shape);
  const isServed = (operation: string): boolean =>
    [...operations].some((each) =>
      new RegExp(`^${each.replaceAll("{}", "[^/]+").replaceAll(".", "\\.")}$`).test(operation),
    );
  // The bare route of a benchmark; what the broker takes by HTTP.
  const others = new Set(["GET /json", "POST /ingest/{}"]);
  expect(asked.filter((operation) => !isServed(operation) && !others.has(operation))).toEqual([]);

  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  expect(named(guide, /npm run ([\w:-]+)/g).filter((script) => scripts[script] === undefined)).toEqual([]);
  const variables = named(guide, /`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`=]/g);
  expect(variables.filter((name) => !sources.includes(name.replace(/_FILE$/, "")))).toEqual([]);
  expect(named(guide, /`(waystock_[a-z_]+[a-z])`/g).filter((metric) => !sources.includes(metric))).toEqual([]);
});

test("the table of metrics has all of them", () => {
  const registering = files.filter((file) => file.startsWith("api/metrics/")).map(read);
  const registered = registering.flatMap((source) => [...source.matchAll(/"(waystock_[a-z_]+)"/g)]);
  const guide = read("docs/operations.md");
  expect(registered.length).toBeGreaterThan(20);
  expect(registered.map(([, name = ""]) => name).filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
});
