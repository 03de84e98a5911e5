import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
let tree: string;

const launch = (...args: string[]) =>
  run(process.execPath, [join(tree, "infra", "launch.mjs"), ...args], { cwd: tree });
const writeProcess = (name: string, text: string) => writeFile(join(tree, "infra", "processes", `${name}.ts`), text);

// A small project, built and started by the real launch.mjs and build.mjs.
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), "waystock-launch-"));
  await mkdir(join(tree, "infra", "processes"), { recursive: true });
  const files = [
    "tsconfig.json",
    "package.json",
    "infra/launch.mjs",
    "infra/build/run-built.mjs",
    "infra/build/build.mjs",
    "infra/build/tsconfig.build.json",
  ];
  for (const file of files) await cp(join(root, file), join(tree, file));
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  await writeFile(join(tree, "infra", "greeting.ts"), `export const greeting: string = "hello";\n`);
  const imports = `import { greeting } from "../greeting.ts";\n`;
  await writeProcess(
    "hello",
    `${imports}process.stdout.write(\`\${greeting} \${process.argv.slice(2).join(" ")}\`);\n`,
  );
});
afterEach(() => rm(tree, { recursive: true, force: true }));

test("builds the sources, then runs a process with its arguments", async () => {
  expect((await launch("hello", "--to", "you")).stdout).toBe("hello --to you");
});

test("rebuilds only when a source has changed", async () => {
  await launch("hello");
  const stamp = join(tree, ".build", "code.stamp");
  const first = await readFile(stamp, "utf8");
  const compiled = join(tree, ".build", "infra", "greeting.js");
  await writeFile(compiled, `export const greeting = "touched";`);
  expect((await launch("hello")).stdout).toBe("touched ");
  expect(await readFile(stamp, "utf8")).toBe(first);
  await writeFile(join(tree, "infra", "greeting.ts"), `export const greeting: string = "changed";\n`);
  expect((await launch("hello")).stdout).toBe("changed ");
});

test("concurrent starts build once, and all run", async () => {
  const outputs = await Promise.all(Array.from({ length: 4 }, () => launch("hello")));
  expect(outputs.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 4 }, () => "hello "));
  await expect(readFile(join(tree, ".build", "lock"))).rejects.toThrow("ENOENT");
});

test("the build lock of a dead process is removed", async () => {
  await mkdir(join(tree, ".build"));
  await writeFile(join(tree, ".build", "lock"), "999999999");
  expect((await launch("hello")).stdout).toBe("hello ");
});

test("a start without a rebuild takes less than 100 ms longer", { timeout: 60_000 }, async () => {
  await launch("hello");
  const direct: number[] = [];
  const launched: number[] = [];
  // In turn, and the fastest of each: what else runs on the machine is not measured.
  for (let round = 0; round < 7; round += 1) {
    direct.push(await timed(() => run(process.execPath, [join(tree, ".build", "infra", "processes", "hello.js")])));
    launched.push(await timed(() => launch("hello")));
  }
  expect(Math.min(...launched) - Math.min(...direct)).toBeLessThan(100);
});

test("an unknown process and a syntax error are reported", async () => {
  await expect(launch("nothing")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("name a process: hello"),
  });
  await writeProcess("hello", "export const = ;");
  await expect(launch("hello")).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("building the code failed"),
  });
});

test("without a compiler an existing build is used; a missing one is an error, except with --if-possible", async () => {
  await rm(join(tree, "node_modules"));
  await expect(launch("hello")).rejects.toMatchObject({ stderr: expect.stringContaining("npm ci") });
  await expect(launch("--build-only")).rejects.toMatchObject({ code: 1 });
  await launch("--build-only", "--if-possible");
  await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  await launch("--build-only");
  await rm(join(tree, "node_modules"));
  await writeFile(join(tree, "infra", "greeting.ts"), `export const greeting: string = "newer";\n`);
  expect((await launch("hello")).stdout).toBe("hello ");
});

test("an older Node.js is told so in one line, before anything else is loaded", async () => {
  const old = join(tree, "old.cjs");
  await writeFile(old, `Object.defineProperty(process, "version", { value: "v18.20.4" });`);
  await rm(join(tree, "infra", "build"), { recursive: true });
  const started = run(process.execPath, ["--require", old, join(tree, "infra", "launch.mjs"), "hello"]);
  await expect(started).rejects.toMatchObject({
    code: 1,
    stdout: "",
    stderr: "waystock: Node.js 20.19 or later is needed; this is v18.20.4\n",
  });
});

/** The shortest of five durations in milliseconds, because other programs use this machine too. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
