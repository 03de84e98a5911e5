import { once } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TlsIdentity } from "../../../broker/transport/tls.ts";
import { freePort } from "../../../infra/runtime/free-port.ts";
import { type HttpServer, serveHttp } from "../../../infra/runtime/http-server.ts";
import { createAuthority } from "../../support/certificates.ts";
import { requires } from "../../support/requires.ts";
import { startApi, type TestApi } from "../support.ts";

const LIMITS = {
  ...{ requestMs: 400, uploadBytes: 64, uploadMs: 60_000 },
  ...{ idleMs: 60_000, connections: 100, connectionsPerAddress: 3 },
};
const openssl = requires("openssl");

let api: TestApi;
let server: HttpServer;
let port: number;
beforeAll(async () => {
  api = await startApi();
  port = await freePort("127.0.0.1");
  server = await serveHttp(api.app.fetch, { host: "127.0.0.1", port }, undefined, LIMITS);
});
afterAll(async () => {
  await server?.close();
  await api?.close();
});

/** Sends `text` as it stands; resolves to all that comes back until the answer is complete or the socket is closed. */
function exchange(text: string): { socket: Socket; answer: Promise<string>; closed: Promise<unknown> } {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(text);
  const closed = once(socket, "close");
  const answer = new Promise<string>((resolve) => {
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      if (received.includes("\r\n\r\n")) resolve(received);
    });
    socket.on("close", () => resolve(received));
  });
  return { socket, answer, closed };
}

const chunked = (route: string, first: string, headers = ""): string =>
  `${route} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}Transfer-Encoding: chunked\r\n\r\n` +
  `${first.length.toString(16)}\r\n${first}\r\n`;

test("a request without credentials is answered before its body is read", async () => {
  for (const route of ["POST /shipments", "PUT /users/1", "POST /auth/logout", "DELETE /items/1"]) {
    expect(await exchange(chunked(route, "{")).answer, route).toMatch(/^HTTP\/1.1 401 /);
  }
  expect(await exchange(chunked("POST /nowhere", "{")).answer).toMatch(/^HTTP\/1.1 404 /);
  expect(await exchange(chunked("PATCH /shipments", "{")).answer).toMatch(/^HTTP\/1.1 405 /);
  const viewer = `Authorization: Bearer ${await api.tokenOf("viewer")}\r\n`;
  expect(await exchange(chunked("POST /users", "{", viewer)).answer).toMatch(/^HTTP\/1.1 403 /);
});

test("a body that anyone may send has at most 16 KiB, also when it does not say its length", async () => {
  for (const route of ["POST /auth/login", "POST /auth/setup"]) {
    expect(await exchange(chunked(route, " ".repeat(16 * 1024 + 1))).answer, route).toMatch(/^HTTP\/1.1 413 /);
  }
});

test("a request and its header have a time limit", async () => {
  const beganAt = performance.now();
  const silent = exchange("GET /livez HTTP/1.1\r\nHost:");
  const trickling = exchange(chunked("POST /auth/login", "{"));
  await Promise.all([silent.closed, trickling.closed]);
  expect(performance.now() - beganAt).toBeLessThan(3000);
  expect(await silent.answer).toMatch(/^HTTP\/1.1 408 /);
});

/** A piece of a chunked body. */
const piece = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** Sends a table of 3,000 bytes in pieces, two or three in each time that a request may take. */
async function sendSlowly(route: string, token: string): Promise<string> {
  const headers = `Authorization: Bearer ${token}\r\nContent-Type: text/csv\r\n`;
  const { socket, answer, closed } = exchange(
    `${route} HTTP/1.1\r\nHost: x\r\n${headers}Transfer-Encoding: chunked\r\n\r\n${piece("sku,name\n")}`,
  );
  let isOpen = true;
  void closed.then(() => (isOpen = false));
  const beganAt = performance.now();
  for (let row = 1; isOpen && performance.now() - beganAt < 4 * LIMITS.requestMs; row += 1) {
    socket.write(piece(`slow-${row},"${"x".repeat(100)}"\n`));
    await delay(LIMITS.requestMs / 4);
  }
  socket.write("0\r\n\r\n");
  return answer;
}

test("a file of an administrator may take longer than a request, as long as it keeps arriving; anything else may not", async () => {
  const admin = await api.tokenOf("admin");
  const [file, order] = await Promise.all([sendSlowly("POST /imports/items", admin), sendSlowly("POST /items", admin)]);
  expect(file).toMatch(/^HTTP\/1.1 200 /);
  expect(order).toMatch(/^HTTP\/1.1 408 /);
});

test("a file that stops arriving is cut off", async () => {
  const headers = `Authorization: Bearer ${await api.tokenOf("admin")}\r\n`;
  const stalled = exchange(chunked("POST /imports/items", "sku,name\n", headers));
  expect(await stalled.answer).toMatch(/^HTTP\/1.1 408 /);
  await stalled.closed;
});

test("connections beyond the limit are closed, and those within it answered", async () => {
  const address = { host: "127.0.0.1", port: await freePort("127.0.0.1") };
  const small = await serveHttp(api.app.fetch, address, undefined, { ...LIMITS, requestMs: 30_000, connections: 10 });
  const held = Array.from({ length: 15 }, () => connect(address));
  let closed = 0;
  for (const socket of held) socket.on("error", () => undefined).on("close", () => (closed += 1));
  while (closed < 5) await delay(20);
  await delay(200);
  expect(closed).toBe(5);
  for (const socket of held) socket.destroy();
  while (closed < 15) await delay(20);
  expect((await fetch(`http://127.0.0.1:${address.port}/livez`)).status).toBe(200);
  await small.close();
});

test("HEAD on the stream ends, and leaves no stream open", async () => {
  const headers = { Authorization: `Bearer ${await api.tokenOf("viewer")}` };
  for (let n = 0; n < 25; n += 1) {
    const response = await fetch(`http://127.0.0.1:${port}/stream`, { method: "HEAD", headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    expect(await response.text()).toBe("");
  }
  const stream = new AbortController();
  const opened = await fetch(`http://127.0.0.1:${port}/stream`, { headers, signal: stream.signal });
  expect(opened.status).toBe(200);
  stream.abort();
});

test.skipIf(!openssl)(
  "a changed HTTPS certificate is used without a restart, and open requests go on",
  async () => {
    const authority = await createAuthority(openssl!, "api");
    const files = await authority.issue("localhost");
    const { certFile, keyFile } = files;
    const certificate = await TlsIdentity.open(
      { certFile, keyFile, clientCaFile: undefined, crlFile: undefined },
      pino({ level: "silent" }),
    );
    const address = { host: "127.0.0.1", port: await freePort("127.0.0.1") };
    const secure = await serveHttp(api.app.fetch, address, certificate);
    const ca = await readFile(authority.caFile, "utf8");
    const handshake = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connectTls({ ...address, ca, servername: "localhost" }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    const open = connectTls({ ...address, ca, servername: "localhost" });
    await once(open, "secureConnect");
    const before = await handshake();
    const fresh = await authority.issue("localhost");
    await copyFile(fresh.certFile, certFile);
    await copyFile(fresh.keyFile, keyFile);
    const deadline = performance.now() + 15_000;
    while ((await handshake()) === before) {
      if (performance.now() > deadline) throw new Error("the old certificate is still used");
      await delay(100);
    }
    open.write("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const [answer] = (await once(open, "data")) as [Buffer];
    expect(answer.toString("latin1")).toMatch(/^HTTP\/1.1 200 /);
    certificate.close();
    await secure.close();
    await authority.remove();
  },
  30_000,
);
