import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const buildDirectory = join(root, ".build");

/** Build targets: their sources and compiler. A target without its configuration file is skipped. */
const targets = [
  {
    name: "code",
    sources: ["broker", "ingest", "api", "simulators", "infra", "tsconfig.json", "package-lock.json"],
    without: [join("api", "dashboard"), join("api", "client")],
    configuration: join("infra", "build", "tsconfig.build.json"),
    compiler: "typescript",
    // Types are checked by `npm run check`; a start does not wait for them.
    options: (file) => ["--project", file, "--noCheck"],
  },
  {
    name: "dashboard",
    sources: [join("api", "dashboard"), join("api", "client", "index.ts"), "package-lock.json"],
    configuration: join("api", "dashboard", "vite.config.ts"),
    compiler: "vite",
    options: (file) => ["build", "--config", file, "--logLevel", "warn"],
  },
].filter((target) => existsSync(join(root, target.configuration)));

/** A text that changes when a source is added, removed or written. */
function fingerprint({ sources, without = [] }) {
  let files = 0;
  let newest = 0;
  const visit = (path) => {
    if (without.includes(path)) return;
    const facts = statSync(join(root, path));
    if (facts.isDirectory()) {
      for (const name of readdirSync(join(root, path))) visit(join(path, name));
    } else {
      files += 1;
      newest = Math.max(newest, facts.mtimeMs);
    }
  };
  for (const source of sources) if (existsSync(join(root, source))) visit(source);
  return `${files} files, newest ${newest}\n`;
}

const stampOf = (target) => join(buildDirectory, `${target.name}.stamp`);
const isFresh = (target) =>
  existsSync(stampOf(target)) && readFileSync(stampOf(target), "utf8") === fingerprint(target);

/** The script of the compiler; undefined when development packages are not installed. */
function compilerScript(name) {
  try {
    const description = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { bin } = JSON.parse(readFileSync(description, "utf8"));
    return join(dirname(description), typeof bin === "string" ? bin : Object.values(bin)[0]);
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

function compile(target, script) {
  // Computed before the compiler reads, so that a source written during the build makes it stale.
  const stamp = fingerprint(target);
  rmSync(stampOf(target), { force: true });
  const { promise, resolve, reject } = withResolvers();
  const compiler = spawn(process.execPath, [script, ...target.options(target.configuration)], {
    cwd: root,
    // Standard output belongs to the started command, which may print JSON.
    stdio: ["ignore", 2, 2],
  });
  compiler.once("error", reject);
  compiler.once("exit", (code, signal) => {
    if (code !== 0)
      return reject(new Error(`building the ${target.name} failed: ${target.compiler} exited with ${signal ?? code}`));
    writeFileSync(stampOf(target), stamp);
    resolve();
  });
  return promise;
}

// Promise.withResolvers came with Node 22.
function withResolvers() {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs `work` while holding the build lock of this clone. The lock of a dead process is removed. */
async function withLock(work) {
  mkdirSync(buildDirectory, { recursive: true });
  const lock = join(buildDirectory, "lock");
  const began = performance.now();
  for (;;) {
    try {
      writeFileSync(openSync(lock, "wx"), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readHolder(lock, performance.now() - began);
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true });
    else await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param waitedMs since this process first saw the lock */
function readHolder(lock, waitedMs) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // A lock file without a pid is being written, unless its writer has died.
    return pid > 0 ? pid : waitedMs > 5_000 ? -1 : undefined;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Compiles the targets whose sources have changed since the last build. Without the compilers (`npm ci --omit=dev`) an
 * existing build is used as it is.
 * @returns false when a target has no build and cannot be built
 */
export async function build() {
  if (targets.every(isFresh)) return true;
  return withLock(async () => {
    const stale = targets
      .filter((target) => !isFresh(target))
      .map((target) => ({ target, script: compilerScript(target.compiler) }));
    if (stale.some(({ target, script }) => script === undefined && !existsSync(stampOf(target)))) return false;
    const outcomes = await Promise.allSettled(
      stale.filter(({ script }) => script !== undefined).map(({ target, script }) => compile(target, script)),
    );
    const failed = outcomes.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
    return true;
  });
}
