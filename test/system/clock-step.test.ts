import mqtt, { type MqttClient } from "mqtt";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withCheckDigit } from "../../ingest/domain/gs1/check-digit.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { openSettableClock, type SettableClock } from "../support/settable-clock.ts";

const HOUR = 3_600_000;

// The devices' clocks are right all the time. The platform's is an hour ahead, is set right, and goes wrong again.
describe("the wall clock of the whole platform is set", () => {
  let clock: SettableClock | undefined;
  let platform: TestPlatform;
  let session: { token: string; cookie: string };
  let stream: LiveStream;
  const devices = new Map<string, MqttClient>();
  let shelf: { reader: string; stock: number; tag: (serial: number) => string };

  beforeAll(async () => {
    clock = await openSettableClock(HOUR);
    if (clock === undefined) return;
    // One connection each: a limit that counted by the wall clock would refuse them all after a step.
    platform = await startPlatform({
      environment: { ...clock.environment, CONNECTS_PER_MINUTE: "3", DEVICE_RATE: "50/s,50" },
    });
    await addDevice("probe-1", { kind: "env" });
    shelf = await addShelf();
    session = await signIn();
    stream = await openStream(`${platform.api}/stream?topics=devices`, session.token);
  }, 120_000);
  afterAll(async () => {
    if (clock === undefined) return;
    stream?.close();
    await Promise.all([...devices.values()].map((client) => client.endAsync(true)));
    await platform?.close();
    await clock.remove();
  }, 30_000);

  async function addDevice(id: string, details: object): Promise<void> {
    const { secret } = await platform.call<{ secret: string }>("POST", "/devices", { id, ...details });
    devices.set(id, await mqtt.connectAsync(platform.mqtt, { clientId: id, username: id, password: secret }));
  }

  async function addShelf() {
    const location = await platform.call<{ id: number }>("POST", "/locations", { name: "shelf", stage: "storage" });
    const gtin = withCheckDigit("00614141234567".slice(0, 13));
    const item = await platform.call<{ id: number }>("POST", "/items", { sku: "STEP", name: "a case", gtin });
    await addDevice("reader-1", { kind: "rfid", mount: { location_id: location.id, antennas: {} } });
    const place = { item_id: item.id, location_id: location.id, source: "rfid" };
    const stock = await platform.call<{ id: number }>("POST", "/inventory-items", place);
    const tag = (serial: number) => `urn:epc:id:sgtin:0614141.0${gtin.slice(8, 13)}.${serial}`;
    return { reader: "reader-1", stock: stock.id, tag };
  }

  async function signIn() {
    const body = JSON.stringify({ email: "admin@test.example", password: "correct horse battery staple" });
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${platform.api}/auth/login`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
    const { access_token: token } = (await response.json()) as { access_token: string };
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    return { token, cookie: cookies.join("; ") };
  }

  const get = (path: string, headers: Record<string, string>) => fetch(`${platform.api}${path}`, { headers });
  const publish = (id: string, kind: string, payload: unknown) =>
    devices.get(id)!.publishAsync(`devices/${id}/${kind}`, JSON.stringify(payload), { qos: 1 });
  const quantity = async () =>
    (await platform.call<{ quantity: number }>("GET", `/inventory-items/${shelf.stock}`)).quantity;
  const stored = async (id: string) =>
    (await platform.call<{ stored: number }>("GET", `/devices/${id}/quality`)).stored;

  /** Everybody goes on as if nothing had happened. */
  async function nobodyIsSilenced(tokenStatus: number): Promise<void> {
    expect((await get("/readyz", {})).status).toBe(200);
    const before = await stored("probe-1");
    const events = stream.count();
    // More than the burst of the rate limit.
    const began = performance.now();
    for (let n = 0; n < 100; n += 1) await publish("probe-1", "env", { ts: Date.now() - 200 + n, celsius: n / 10 });
    // A limit that reckons with the wall clock would hold it for minutes.
    expect(performance.now() - began).toBeLessThan(30_000);
    await expect.poll(() => stored("probe-1")).toBe(before + 100);
    await expect.poll(stream.count).toBeGreaterThan(events);
    const { presence } = await platform.call<{ presence: string }>("GET", "/devices/probe-1");
    expect(presence).toBe("online");

    const old = await get("/shipments", { authorization: `Bearer ${session.token}` });
    expect(old.status).toBe(tokenStatus);
    const refreshed = await fetch(`${platform.api}/auth/refresh`, {
      method: "POST",
      headers: { cookie: session.cookie, "x-requested-with": "waystock" },
    });
    expect(refreshed.status).toBe(200);
    session = await signIn();
    const statuses = new Set<number>();
    for (let n = 0; n < 50; n += 1) {
      statuses.add((await get("/shipments", { authorization: `Bearer ${session.token}` })).status);
    }
    expect([...statuses]).toEqual([200]);
    await addDevice(`probe-${devices.size}`, { kind: "env" });
  }

  test(
    "back by an hour: nobody is silenced, and a tag that is read no more is gone within 10 s",
    { timeout: 90_000 },
    async (context) => {
      if (clock === undefined) return context.skip();
      const since = Date.now() - 1_000;
      await publish(
        shelf.reader,
        "rfid",
        [0, 1].map((n) => ({ ts: since + n, epc: shelf.tag(1), count: 3, seq: n })),
      );
      await expect.poll(quantity).toBe(1);

      await clock.setAhead(0);
      const step = () =>
        /"stepMs":(-?\d+)/.exec(platform.log.find((line) => line.includes("the wall clock was set")) ?? "")?.[1];
      await expect.poll(() => Number(step())).toBeCloseTo(-HOUR, -4);
      // Its clock is right, so these are no more than 100 s ahead.
      const others = [0, 20, 40, 60, 80, 100].map((second) => ({
        ts: since + second * 1_000,
        epc: shelf.tag(2),
        count: 3,
      }));
      await publish(shelf.reader, "rfid", others);
      await expect.poll(() => stored(shelf.reader)).toBe(8);
      // The second tag came, and the first is gone: its timer was set by the clock of before, to an hour from now.
      await expect.poll(quantity, { timeout: 10_000 }).toBe(1);
      await nobodyIsSilenced(200);
    },
  );

  test("ahead by an hour: nobody is silenced, and no reader is called silent", { timeout: 90_000 }, async (context) => {
    if (clock === undefined) return context.skip();
    await clock.setAhead(HOUR);
    await nobodyIsSilenced(401);
    for (let n = 0; n < 5; n += 1) {
      const item = await platform.call("GET", `/inventory-items/${shelf.stock}`);
      expect(JSON.stringify(item)).not.toContain("reader_silent");
      await sleep(1_000);
    }
    expect(await platform.call<unknown[]>("GET", "/quarantine")).toEqual([]);
  });
});

interface LiveStream {
  /** events so far */
  count(): number;
  close(): void;
}

async function openStream(url: string, token: string): Promise<LiveStream> {
  const ending = new AbortController();
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: ending.signal });
  expect(response.status).toBe(200);
  let count = 0;
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of response.body!) count += decoder.decode(chunk).split("event: devices").length - 1;
  })().catch(() => undefined);
  return { count: () => count, close: () => ending.abort() };
}
