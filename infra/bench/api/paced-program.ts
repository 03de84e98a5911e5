import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "../load/latencies.ts";
import type { HttpResult, PacedLoad } from "./load.ts";

// A process of its own that sends the same GET at even distances, whether the answers before have come or not. A latency
// counts from when the request was due, so that one that had to wait for a connection, or for this process, shows it.

async function run({ url, headers, connections, seconds, rate }: PacedLoad): Promise<HttpResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies = new Latencies();
  const startedAt = performance.now();
  const wanted = Math.round(rate * seconds);
  const answers: Promise<void>[] = [];
  for (let n = 0; n < wanted; n += 1) {
    const dueAt = startedAt + (n * 1000) / rate;
    const wait = dueAt - performance.now();
    if (wait > 0) await sleep(wait);
    answers.push(ask(url, { agent, headers }).then(() => latencies.add(performance.now() - dueAt)));
  }
  await Promise.all(answers);
  const took = (performance.now() - startedAt) / 1000;
  agent.destroy();
  const [p50, p99] = [latencies.quantile(0.5)!, latencies.quantile(0.99)!];
  return { requests: wanted, perSecond: wanted / took, p50, p99 };
}

function ask(url: string, options: { agent: Agent; headers: Record<string, string> }): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      answer.resume().once("error", reject);
      answer.once("end", () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${answer.statusCode}`));
      });
    });
    sent.once("error", reject);
    sent.end();
  });
}

process.once("message", (load: PacedLoad) => {
  run(load).then(
    (result) => process.send!(result),
    (error: unknown) => process.send!({ error: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
