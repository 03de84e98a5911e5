import { fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The result of one load, seen from the client. Latencies in milliseconds. */
export interface HttpResult {
  requests: number;
  perSecond: number;
  p50: number;
  p99: number;
}

export interface HttpLoad {
  url: string;
  headers?: Record<string, string>;
  connections: number;
  seconds: number;
  /** requests a second over all connections; undefined: as fast as they are answered */
  rate?: number | undefined;
}

export type PacedLoad = Required<HttpLoad> & { rate: number };

/** Sends the same GET from outside of this process, so that nothing in it delays it. @throws on any answer but 2xx */
export function loadHttp({ rate, headers = {}, ...load }: HttpLoad): Promise<HttpResult> {
  return rate === undefined ? saturate({ ...load, headers }) : pace({ ...load, headers, rate });
}

async function saturate({ url, headers, connections, seconds }: Omit<PacedLoad, "rate">): Promise<HttpResult> {
  const { default: autocannon } = await import("autocannon");
  const result = await autocannon({ url, headers, connections, duration: seconds, workers: 1 });
  const { errors, timeouts, non2xx, requests, latency } = result;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(`${url}: ${errors} errors, ${timeouts} without an answer, ${non2xx} other answers than 2xx`);
  }
  return { requests: requests.total, perSecond: requests.average, p50: latency.p50, p99: latency.p99 };
}

/**
 * At even distances. autocannon sends what belongs into a second as fast as it can at its beginning, and counts an answer of
 * 37 ms as 37 answers, of 1 to 37 ms: it expects one each millisecond, whatever the rate.
 */
async function pace(load: PacedLoad): Promise<HttpResult> {
  const program = new URL(`./paced-program${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(program), { stdio: ["ignore", 2, 2, "ipc"] });
  const exited = once(child, "exit");
  try {
    child.send(load);
    const [message] = (await Promise.race([
      once(child, "message"),
      exited.then(() => [{ error: "the process that sends the load has ended" }]),
    ])) as [HttpResult | { error: string }];
    if ("error" in message) throw new Error(message.error);
    return message;
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}
