import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "../load/latencies.ts";

const EVERY_MS = 20;

/** Asks one URL 50 times a second over kept connections, whether the answers before have come or not. */
export function startApiProbe(
  url: string,
  token: string | undefined,
): { latencies: Latencies; close(): Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const latencies = new Latencies();
  let closed = false;
  let failure: Error | undefined;
  const ask = (): void => {
    const startedAt = performance.now();
    const asked = request(url, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) failure = new Error(`${url} answered ${answer.statusCode}`);
      answer.resume().once("end", () => latencies.add(performance.now() - startedAt));
    });
    asked.once("error", (error) => {
      if (!closed) failure = error;
    });
    asked.end();
  };
  const running = (async () => {
    for (let next = performance.now(); !closed; next += EVERY_MS) {
      ask();
      await sleep(Math.max(0, next + EVERY_MS - performance.now()));
    }
  })();
  return {
    latencies,
    async close() {
      closed = true;
      await running;
      agent.destroy();
      if (failure) throw failure;
    },
  };
}
