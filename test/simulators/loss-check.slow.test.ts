import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createApiClient } from "../../simulators/platform/api-client.ts";
import { countDistinct } from "../../simulators/platform/distinct-readings.ts";
import { startLossCheck } from "../../simulators/run/loss-check.ts";

/** An HTTP server that responds with `answer`; with `cut` it closes the connection halfway through the body. */
async function serving(answer: (path: string) => { status: number; body: object; cut?: boolean }) {
  const requests: { path: string; key: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const key = request.headers["idempotency-key"];
    requests.push({ path: request.url ?? "", key: Array.isArray(key) ? key[0] : key });
    const { status, body, cut = false } = answer(request.url ?? "");
    const text = JSON.stringify(body);
    const length = Buffer.byteLength(text);
    response.writeHead(status, { "content-type": "application/json", "content-length": length });
    if (cut) response.write(text.slice(0, length / 2), () => response.destroy());
    else response.end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    requests,
    url,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const token = () => Promise.resolve("t");

test("a duplicate reading does not hide a lost one", async () => {
  const quality = { stored: 10, duplicate: 0, quarantined: 1 };
  await using platform = await serving(() => ({ status: 200, body: quality }));
  const lossCheck = await startLossCheck(createApiClient({ url: platform.url, token }), ["a"]);
  // Ten distinct readings were acknowledged, two of them twice; one was not stored.
  Object.assign(quality, { stored: 18, duplicate: 2, quarantined: 2 });
  expect(await lossCheck.countLost(new Map([["a", 10]]), 0)).toBe(1);
  quality.stored = 19;
  expect(await lossCheck.countLost(new Map([["a", 10]]), 0)).toBe(0);
});

test("the loss check waits for readings that are not stored yet", async () => {
  let asked = 0;
  await using platform = await serving(() => ({ status: 200, body: { stored: asked++ < 3 ? 0 : 5, quarantined: 0 } }));
  const lossCheck = await startLossCheck(createApiClient({ url: platform.url, token }), ["a"]);
  expect(await lossCheck.countLost(new Map([["a", 5]]), 10_000)).toBe(0);
});

test("readings are distinct by kind, time, sequence, EPC and antenna", () => {
  const distinct = countDistinct();
  const readings = [{ ts: 1 }, { ts: 2 }, { ts: 1, seq: 1 }, { ts: 1, epc: "A" }, { ts: 1, epc: "A", antenna: 2 }];
  for (const reading of [...readings, ...readings]) distinct.add("rfid", reading);
  distinct.add("gps", { ts: 1 });
  expect(distinct.count()).toBe(6);
});

test("a request is retried with the same key on 429 and 5xx; other errors are final", async () => {
  const answers = [503, 500, 429, 201, 400];
  await using platform = await serving(() => ({ status: answers.shift() ?? 500, body: { detail: "no", id: 7 } }));
  const reasons: string[] = [];
  const api = createApiClient({
    url: platform.url,
    token,
    maxAttempts: Infinity,
    onRetry: (reason) => reasons.push(reason),
  });
  expect(await api.post("/shipments", {})).toEqual({ detail: "no", id: 7 });
  expect(reasons).toHaveLength(3);
  expect(new Set(platform.requests.map(({ key }) => key)).size).toBe(1);
  await expect(api.post("/shipments", {})).rejects.toThrow("POST /shipments: 400 no");
}, 15_000);

test("stopping the run ends the retries", async () => {
  await using platform = await serving(() => ({ status: 503, body: {} }));
  const stop = new AbortController();
  const api = createApiClient({ url: platform.url, token, maxAttempts: Infinity, signal: stop.signal });
  const asked = api.post("/shipments", {});
  setTimeout(() => stop.abort(), 200);
  await expect(asked).rejects.toThrow("503");
});

test("a response that breaks off is retried with the same key", async () => {
  let asked = 0;
  await using platform = await serving(() => ({ status: 201, body: { id: 7 }, cut: (asked += 1) === 1 }));
  const api = createApiClient({ url: platform.url, token });
  expect(await api.post("/shipments", {})).toEqual({ id: 7 });
  expect(platform.requests.map(({ key }) => key)).toEqual([expect.any(String), platform.requests[0]?.key]);
});

test("a request without an answer is sent again", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    if (asked > 1) response.end("[]");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const retried: string[] = [];
  const api = createApiClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    timeoutMs: 2_000,
    onRetry: (reason) => retried.push(reason),
  });
  expect(await api.list("/shipments")).toEqual([]);
  expect(retried).toEqual(["no answer within 2000 ms"]);
  server.close();
  server.closeAllConnections();
});
