import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "bystander-program.ts");

export interface BystanderReport {
  /** PUBACKs so far */
  acknowledged: number;
  /** the slowest PUBACK since the report before, milliseconds; one that is still awaited counts with its age */
  slowestMs: number;
}

/** The device `bystander`, which publishes all the time, in a process of its own. */
export interface Bystander {
  pid: number;
  report(): Promise<BystanderReport>;
  /** ends it when nothing is in flight */
  stop(): Promise<BystanderReport>;
  kill(): Promise<void>;
}

/** Resolves when the device is connected. */
export async function startBystander(port: number, password: string): Promise<Bystander> {
  // A session of its own, so that it can be given the processor before others.
  const child = fork(PROGRAM, [String(port), password], { execArgv: ["--import", "tsx"], detached: true });
  const ended = once(child, "exit");
  const next = async (): Promise<unknown> => {
    const end = ended.then(([code, signal]) => Promise.reject(new Error(`the bystander ended: ${signal ?? code}`)));
    const [message] = (await Promise.race([once(child, "message"), end])) as unknown[];
    return message;
  };
  const ask = async (question: "report" | "stop"): Promise<BystanderReport> => {
    const answer = next();
    child.send(question);
    return (await answer) as BystanderReport;
  };
  await next();
  return {
    pid: child.pid!,
    report: () => ask("report"),
    stop: () => ask("stop"),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
