import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched } from "../support/launched.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";

const VEHICLES = 2_000;
const STOPPED = 200;
const PER_USER = 20;
const MIB = 1024 * 1024;
const PASSWORD = "correct horse battery staple";

let db: TestDatabase;
let api: Launched;
let origin: string;

beforeAll(async () => {
  db = await createDatabase();
  const port = await freePort("127.0.0.1");
  origin = `http://127.0.0.1:${port}`;
  api = new Launched("api", {
    DATABASE_URL: db.url,
    HTTP_PORT: String(port),
    ADMIN_EMAIL: "admin@test.example",
    ADMIN_PASSWORD: PASSWORD,
  });
  const isReady = async () => expect((await fetch(`${origin}/readyz`)).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 40_000, interval: 50 });
  await db.pool.query("INSERT INTO vehicles (name) SELECT 'truck ' || n FROM generate_series(1, $1) n", [VEHICLES]);
  await db.pool.query(
    "INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) SELECT id, 'gps', now(), now(), 48, 11 FROM vehicles",
  );
}, 60_000);
afterAll(async () => {
  api?.child.kill("SIGTERM");
  if (api) await api.ends();
  await db?.drop();
}, 30_000);

async function json<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(`${origin}${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

async function signIn(): Promise<string> {
  const body = JSON.stringify({ email: "admin@test.example", password: PASSWORD });
  const headers = { "content-type": "application/json" };
  return (await json<{ access_token: string }>("/auth/login", { method: "POST", headers, body })).access_token;
}

/** Access tokens of as many API clients. */
async function clientTokens(admin: string, count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { client_id: user, client_secret: secret } = await json<{ client_id: string; client_secret: string }>(
      "/api-clients",
      {
        method: "POST",
        headers: { authorization: `Bearer ${admin}`, "content-type": "application/json" },
        body: JSON.stringify({ name: `viewer ${at}`, role: "viewer" }),
      },
    );
    const { access_token: token } = await json<{ access_token: string }>("/oauth/token", {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${user}:${secret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials",
    });
    tokens.push(token);
  }
  return tokens;
}

/** A viewer whose socket takes nothing more once it is open. */
function openAndStop(token: string): Promise<Socket> {
  const { hostname, port, host } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).on("error", () => undefined);
    socket.write(`GET /stream?topics=positions HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    socket.once("data", (bytes: Buffer) => {
      socket.pause();
      if (bytes.toString("latin1").startsWith("HTTP/1.1 200")) resolve(socket);
      else reject(new Error(bytes.toString("latin1")));
    });
  });
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
}

test.runIf(process.platform === "linux")(
  "200 viewers that read nothing cost no memory and hold nobody up: they are cut, and the one that reads gets everything",
  { timeout: 180_000 },
  async () => {
    const tokens = await clientTokens(await signIn(), STOPPED / PER_USER + 1);
    const reading = await fetch(`${origin}/stream?topics=positions`, {
      headers: { authorization: `Bearer ${tokens.pop()!}` },
    });
    let newest = "";
    void (async () => {
      for await (const chunk of reading.body!.pipeThrough(new TextDecoderStream()))
        newest = (newest + chunk).slice(-500_000);
    })().catch(() => undefined);
    const stopped: Socket[] = [];
    for (const token of tokens) for (let at = 0; at < PER_USER; at += 1) stopped.push(await openAndStop(token));
    const before = await api.residentBytes();
    let most = 0;
    for (let round = 1; (await metric("waystock_stream_slow_total")) < STOPPED; round += 1) {
      await db.pool.query("UPDATE vehicle_positions SET received_at = now(), lat = 48 + $1::float8 / 1000", [round]);
      await db.pool.query(`SELECT pg_notify('changes', '{"positions":null}')`);
      const shown = `"lat":${48 + round / 1_000},`;
      await expect.poll(() => newest.includes(shown), { timeout: 30_000 }).toBe(true);
      most = Math.max(most, await api.residentBytes());
    }
    expect(await metric("waystock_stream_viewers")).toBe(1);
    most = Math.max(most, await api.residentBytes());
    console.log(`${STOPPED} viewers that read nothing: ${((most - before) / MIB).toFixed(0)} MiB`);
    // The megabyte that each may leave unread is the same for all of them.
    expect(most - before).toBeLessThan(100 * MIB);
    // They are gone, and not only marked: the server closes what it has cut.
    for (const socket of stopped) socket.resume();
    await expect.poll(() => stopped.every(({ closed }) => closed), { timeout: 20_000 }).toBe(true);
    await reading.body!.cancel().catch(() => undefined);
  },
);
