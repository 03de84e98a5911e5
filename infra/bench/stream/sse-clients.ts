import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** What the process of viewers is told to open. */
export interface SseClientsOrder {
  host: string;
  port: number;
  path: string;
  viewers: number;
  /** of the users they belong to, in turn; empty: nobody is asked who it is */
  tokens: readonly string[];
}

/** What all viewers have received so far. */
export interface SseClientReport {
  frames: number;
  /** of one viewer */
  fewest: number;
  most: number;
  bytes: number;
  /** connections that have ended */
  lost: number;
  cpuSeconds: number;
}

export interface SseClients {
  report(): Promise<SseClientReport>;
  close(): Promise<void>;
}

/** Opens viewers in a process of their own. @throws when one of them is refused */
export async function openSseClients(order: SseClientsOrder): Promise<SseClients> {
  const program = new URL(`./sse-clients-program${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(program), { stdio: ["ignore", 2, 2, "ipc"] });
  const exited = once(child, "exit");
  const answer = async (): Promise<SseClientReport> => {
    const [message] = (await Promise.race([
      once(child, "message"),
      exited.then(() => [{ error: "the process of the viewers has ended" }]),
    ])) as [SseClientReport | { error: string }];
    if ("error" in message) throw new Error(message.error);
    return message;
  };
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  child.send(order);
  try {
    await answer();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async report() {
      child.send("report");
      return answer();
    },
    close,
  };
}
