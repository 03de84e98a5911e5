import type { Health } from "./health.ts";
import type { ChildMessage } from "./ipc.ts";

/** What a supervised process runs, how long it is waited for, and who hears what it reports. */
export interface ProcessOptions {
  name: string;
  /** the script to run */
  file: string;
  arguments?: readonly string[];
  environment: NodeJS.ProcessEnv;
  /** options of Node itself */
  nodeOptions?: readonly string[];
  /** file descriptor for its output; ours by default */
  output?: number | undefined;
  /** a process that has not stopped after this long gets a SIGKILL */
  stopWithinMs: number;
  /** a process that has sent nothing for so long is frozen: it is killed and started again; by default never */
  silentForMs?: number;
  onHealth?: (health: Health) => void;
  /** receives everything that the process reports */
  onMessage?: (message: ChildMessage) => void;
}
