import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { connectInflux } from "../../infra/influx/connection.ts";

/** A server of this version. @returns its URL, and what it was asked */
async function serverOf(version: string, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (request.url !== "/ping") asked.push(decodeURIComponent(body));
      response.writeHead(request.url === "/ping" ? 204 : status, { "X-Influxdb-Version": version });
      response.end(request.url === "/ping" ? undefined : '{"results":[]}');
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test.each([
  ["1.6.7", "auto", "waystock", ['q=CREATE DATABASE "waystock"']],
  ["1.8.10", "auto", "waystock", ['q=CREATE DATABASE "waystock"']],
  ["v1.11.1", "auto", "waystock/autogen", ['q=CREATE DATABASE "waystock"']],
  ["1.8.10", "v1", "waystock", ['q=CREATE DATABASE "waystock"']],
  ["v2.7.1", "auto", "waystock", []],
] as const)("of InfluxDB %s by %s the bucket %s has its database", async (version, api, bucket, wanted) => {
  const { url, asked } = await serverOf(version);
  await connectInflux({ url, api, bucket });
  expect(asked).toEqual(wanted);
});

test("who may only write to InfluxDB 1.8 is connected", async () => {
  const { url } = await serverOf("1.8.10", 403);
  expect((await connectInflux({ url, api: "auto", bucket: "waystock" })).version).toBe("1.8.10");
});
