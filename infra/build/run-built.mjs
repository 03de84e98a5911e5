// The second half of infra/launch.mjs, for a Node that is new enough.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, buildDirectory } from "./build.mjs";

const [name, ...options] = process.argv.slice(2);
const buildOnly = name === "--build-only";

// A full disk or a closed pipe behind the output must not end a start.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

try {
  const built = await build();
  if (!built && !(buildOnly && options.includes("--if-possible"))) {
    throw new Error("there is no build, and no compiler to make one: run `npm ci` with development packages");
  }
  if (!buildOnly) await runHere(name);
} catch (error) {
  process.stderr.write(`waystock: ${error.message}\n`);
  process.exitCode = 1;
}

async function runHere(processName) {
  const processes = join(buildDirectory, "infra", "processes");
  const file = join(processes, `${processName}.js`);
  if (!/^[a-z-]+$/.test(processName ?? "") || !existsSync(file)) {
    const known = readdirSync(processes).filter((entry) => entry.endsWith(".js"));
    throw new Error(`name a process: ${known.map((entry) => basename(entry, ".js")).join(", ")}`);
  }
  process.argv = [process.execPath, file, ...options];
  // Stack traces show TypeScript lines.
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(file).href);
}
