import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { filesBelow } from "./support/files-below.ts";
import { innocent, planted } from "./support/planted-imports.ts";

const root = join(import.meta.dirname, "..");

describe("the linter is awake", () => {
  let tree: string;
  let found: Map<string, string[]>;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), "waystock-lint-"));
    for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"])
      await cp(join(root, file), join(tree, file));
    await symlink(join(root, "node_modules"), join(tree, "node_modules"));
    const files = new Map<string, string>([["ingest/domain/b.ts", "export const b = 1;"]]);
    for (const file of innocent) files.set(file, "export const a = 1;\nexport type A = number;");
    for (const [file, content] of planted) files.set(file, content);
    for (const [file, content] of files) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), `${content}\n`);
    }
    found = await lint(tree);
  });
  afterAll(() => rm(tree, { recursive: true, force: true }));

  test.each(planted.filter(([, , rule]) => rule !== undefined))("%s is refused", (file, _content, rule) => {
    expect(found.get(file) ?? []).toContain(rule);
  });

  test.each(planted.filter(([, , rule]) => rule === undefined))("%s is allowed", (file) => {
    expect(found.get(file) ?? []).toEqual([]);
  });
});

/** The rules that each file of `folder` breaks. */
async function lint(folder: string): Promise<Map<string, string[]>> {
  const program = join(root, "node_modules", "oxlint", "bin", "oxlint");
  const output = await new Promise<string>((resolve) => {
    // It ends with an exit code of 1 because there is something to say; what it said is judged by the tests.
    execFile(
      process.execPath,
      [program, "--type-aware", "-f", "json", "."],
      { cwd: folder },
      (_error, stdout, stderr) => resolve(stdout === "" ? stderr : stdout),
    );
  });
  const { diagnostics } = JSON.parse(output.slice(output.indexOf("{"))) as {
    diagnostics: { code: string; filename: string }[];
  };
  const found = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), code]);
  return found;
}

describe("the tree", () => {
  const parts = ["broker", "ingest", "api", "simulators", "infra", "test", "docs"];
  const topFiles = [
    ...["package.json", "package-lock.json", "tsconfig.json", "Dockerfile", "compose.yaml"],
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ];
  let files: string[];

  beforeAll(async () => {
    files = (await Promise.all(parts.map((part) => filesBelow(join(root, part))))).flat();
    expect(files.length).toBeGreaterThan(50);
  });

  test("holds the parts and nothing else at the top", async () => {
    const entries = await readdir(root);
    const strange = entries.filter(
      (entry) => !entry.startsWith(".") && !["node_modules", "data", ...parts, ...topFiles].includes(entry),
    );
    expect(strange).toEqual([]);
  });

  test("has no file over 250 lines", async () => {
    const long: string[] = [];
    for (const file of files.filter((name) => /\.(tsx?|mjs|css|sql|html)$/.test(name))) {
      const lines = (await readFile(join(root, file), "utf8")).trimEnd().split("\n").length;
      if (lines > 250) long.push(`${file}: ${lines}`);
    }
    expect(long).toEqual([]);
  });

  test("keeps few files directly in a part", () => {
    const direct = ["broker", "ingest", "infra"].map((part) => [
      part,
      files.filter((file) => dirname(file) === part && file.endsWith(".ts")),
    ]);
    expect(direct.filter(([, inPart]) => inPart!.length > 4)).toEqual([]);
  });

  test("has no folder of product code over 25 files", () => {
    // Migrations are one list, which only grows.
    const oneFilePerKind = new Set(["ingest/decoders", "infra/postgres/migrations"]);
    const counts = new Map<string, number>();
    for (const folder of files.map((file) => dirname(file)).filter((name) => !/^(test|docs)(\/|$)/.test(name)))
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect(counts.size).toBeGreaterThan(20);
    expect([...counts].filter(([folder, count]) => count > 25 && !oneFilePerKind.has(folder))).toEqual([]);
  });

  test("reads a page only where it waits for what it expects", async () => {
    const atOnce =
      /expect\(\s*await [^;]*\.(allInnerTexts|allTextContents|count|innerText|inputValue|isVisible|textContent)\(/;
    const pages = files.filter((file) => /^test\/(api|system)\/dashboard\//.test(file));
    expect(pages.length).toBeGreaterThan(15);
    const found: string[] = [];
    for (const file of pages) if (atOnce.test(await readFile(join(root, file), "utf8"))) found.push(file);
    expect(found).toEqual([]);
  });

  test("names no file or folder after nothing in particular", () => {
    const vague = /(^|[/.-])(utils?|common|helpers?|misc|shared)([/.-]|$)/;
    expect(files.filter((file) => vague.test(file))).toEqual([]);
  });

  test("names files in lower case with hyphens", () => {
    const ours = files.filter((file) => /\.(tsx?|mjs)$/.test(file));
    expect(ours.filter((file) => !/^[a-z0-9./-]+$/.test(file))).toEqual([]);
  });
});
