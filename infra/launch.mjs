// `node infra/launch.mjs NAME [options]` builds changed sources, then runs infra/processes/NAME in this process;
// `--check-node` only checks the version. This file imports nothing and uses old syntax only, so that an old Node.js
// gets far enough to say so.
const REQUIRED = [20, 19];

const [major, minor] = process.version.slice(1).split(".").map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  process.stderr.write(`waystock: Node.js ${REQUIRED.join(".")} or later is needed; this is ${process.version}\n`);
  process.exitCode = 1;
} else if (process.argv[2] !== "--check-node") {
  void import("./build/run-built.mjs");
}
