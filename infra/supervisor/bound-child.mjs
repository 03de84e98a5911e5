// Runs a program that must not outlive its owner: `node bound-child.mjs PIDFILE PROGRAM [arguments]`. This process has a
// session of its own, so the terminal's Ctrl-C reaches neither it nor the program. Standard input tells whether the
// owner is alive: the kernel closes it, however the owner dies. Plain JavaScript, because the sources and the compiled
// tree start the same file.
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

const KILL_AFTER_MS = 3_500;

const [pidFile, program, ...programArguments] = process.argv.slice(2);
writeFileSync(pidFile, String(process.pid));
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"]) process.on(signal, () => stop());

const child = spawn(program, programArguments, { stdio: ["ignore", "inherit", "inherit"] });
child.once("error", (error) => {
  process.stderr.write(`${program}: ${error.message}\n`);
  exit(127);
});
child.once("exit", (code) => exit(code ?? 1));
process.stdin.resume().once("end", stop).once("error", stop);

let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  child.kill("SIGTERM");
  setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS).unref();
}

function exit(code) {
  rmSync(pidFile, { force: true });
  process.exit(code);
}
