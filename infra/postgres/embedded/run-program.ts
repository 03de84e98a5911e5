import { spawn } from "node:child_process";
import { serverEnvironment, type ServerUser } from "./server-user.ts";

/** A program that could not be started, or ended with another code than 0. */
class ProgramError extends Error {
  override name = "ProgramError";
}

/**
 * Runs one of PostgreSQL's programs as `user` and resolves to what it printed. It gets a session of its own: a Ctrl-C
 * in the terminal must not cut short an initdb or the wait for the server's end; we decide when to stop.
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
      else reject(new ProgramError(`${program} ended with ${code ?? signal}: ${(errors + output).trim()}`));
    });
  });
}
