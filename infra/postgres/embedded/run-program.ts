import { spawn } from "node:child_process";
import { serverEnvironment, type ServerUser } from "./server-user.ts";

/** A program could not be started, or exited with a code other than 0. */
class ProgramError extends Error {
  override name = "ProgramError";
}

/**
 * Runs a program of PostgreSQL as `user`; resolves to its standard output. The program gets its own session, because a
 * Ctrl-C in the terminal must not interrupt an initdb, or a pg_ctl that waits for the server to stop.
 */
export async function runProgram(program: string, args: string[], folder: string, user: ServerUser): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    env: serverEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    windowsHide: true,
    ...user.spawn,
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(new ProgramError(`${program}: ${cause.message}`, { cause })));
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new ProgramError(`${program} exited with ${code ?? signal}: ${(errors + output).trim()}`));
    });
  });
}
