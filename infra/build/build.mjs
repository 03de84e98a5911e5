import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const buildDirectory = join(root, ".build");

/** What is compiled from what, by which program. A part without its configuration does not exist here. */
const parts = [
  {
    name: "code",
    sources: ["broker", "ingest", "api", "simulators", "infra", "tsconfig.json", "package-lock.json"],
    without: join("api", "dashboard"),
    configuration: join("infra", "build", "tsconfig.build.json"),
    compiler: "typescript",
    // Types are checked by `npm run check`; a start does not wait for them.
    options: (file) => ["--project", file, "--noCheck"],
  },
  {
    name: "page",
    sources: [join("api", "dashboard"), "package-lock.json"],
    configuration: join("api", "dashboard", "vite.config.ts"),
    compiler: "vite",
    options: (file) => ["build", "--config", file, "--logLevel", "warn"],
  },
].filter((part) => existsSync(join(root, part.configuration)));

/** Changes whenever a source is added, removed or written. */
function fingerprint({ sources, without }) {
  let files = 0;
  let newest = 0;
  const visit = (path) => {
    if (path === without) return;
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

const stampOf = (part) => join(buildDirectory, `${part.name}.stamp`);
const isFresh = (part) => existsSync(stampOf(part)) && readFileSync(stampOf(part), "utf8") === fingerprint(part);

/** The compiler's own script, or undefined where development packages are not installed. */
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

function compile(part, script) {
  // Taken before the compiler reads: a source written meanwhile makes the build stale, not falsely fresh.
  const stamp = fingerprint(part);
  rmSync(stampOf(part), { force: true });
  const { promise, resolve, reject } = withResolvers();
  const compiler = spawn(process.execPath, [script, ...part.options(part.configuration)], {
    cwd: root,
    // Standard output belongs to the command that is started, which may print JSON.
    stdio: ["ignore", 2, 2],
  });
  compiler.once("error", reject);
  compiler.once("exit", (code, signal) => {
    if (code !== 0)
      return reject(new Error(`building the ${part.name} failed: ${part.compiler} ended with ${signal ?? code}`));
    writeFileSync(stampOf(part), stamp);
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

/** Runs `work` while no other start of this clone builds. A lock whose holder is dead counts for nothing. */
async function alone(work) {
  mkdirSync(buildDirectory, { recursive: true });
  const lock = join(buildDirectory, "lock");
  for (;;) {
    try {
      writeFileSync(openSync(lock, "wx"), String(process.pid));
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readHolder(lock);
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true });
    else await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function readHolder(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Created but not yet written counts as held, unless its writer died in between.
    return pid > 0 ? pid : Date.now() - statSync(lock).mtimeMs > 5_000 ? -1 : undefined;
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Compiles what has changed since the last build.
 * Without the compilers (`npm ci --omit=dev`) an existing build is used as it is.
 * @returns false when a part can neither be built nor is there
 */
export async function build() {
  if (parts.every(isFresh)) return true;
  return alone(async () => {
    const stale = parts
      .filter((part) => !isFresh(part))
      .map((part) => ({ part, script: compilerScript(part.compiler) }));
    if (stale.some(({ part, script }) => script === undefined && !existsSync(stampOf(part)))) return false;
    const outcomes = await Promise.allSettled(
      stale.filter(({ script }) => script !== undefined).map(({ part, script }) => compile(part, script)),
    );
    const failed = outcomes.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
    return true;
  });
}
