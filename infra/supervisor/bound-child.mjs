// Runs a program that must not outlive us: `node bound-child.mjs PIDFILE PROGRAM [arguments]`. A process of its own, in its
// own session, so that the terminal's Ctrl-C reaches neither it nor the program. Standard input is the sign of life:
// the kernel closes it, however its owner dies. Plain JavaScript: it starts from sources and compiled tree alike.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

const KILL_AFTER_MS = 3_500;

const [pidFile, program, ...programArguments] = process.argv.slice(2);
writeFileSync(pidFile, String(process.pid));
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => end());

const child = spawn(program, programArguments, { stdio: ["ignore", "inherit", "inherit"] });
child.once("error", (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  finish(127);
});
child.once("exit", (code) => finish(code ?? 1));
process.stdin.resume().once("end", end).once("error", end);

let ending = false;
function end() {
  if (ending) return;
  ending = true;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
}

function finish(code) {
  rmSync(pidFile, { force: true });
  process.exit(code);
}
