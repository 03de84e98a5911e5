import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched } from "../support/launched.ts";
import { createDatabase } from "../support/postgres.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { pidOf, restarted } from "../support/platform-process.ts";
import { type MailServer, startMailServer } from "../support/receivers.ts";

const SHELVES = 4;
/** Not a limit of what is tested: a lease of 30 s and a minute until the escalation are waited for, and machines are busy. */
const WAIT = { timeout: 240_000, interval: 100 };
const SHIFT = "shift@waystock.test";
const BOSS = "boss@waystock.test";

let platform: TestPlatform;
let mailPort: number;
let mail: MailServer | undefined;
beforeAll(async () => {
  mailPort = await freePort("127.0.0.1");
  // The API comes back on this port.
  const HTTP_PORT = String(await freePort("127.0.0.1"));
  platform = await startPlatform({ environment: { HTTP_PORT, SMTP_URL: `smtp://127.0.0.1:${mailPort}` } });
}, 90_000);
afterAll(async () => {
  await platform?.close();
  await mail?.close();
});

/** Kills a process, and waits until the supervisor has another in its place. */
async function kill(name: "api" | "ingest"): Promise<void> {
  const before = await pidOf(platform, name);
  process.kill(before, "SIGKILL");
  await restarted(platform, name, before);
}

type Row = Record<string, unknown>;
/** Asks until the API is there. */
const read = <T = Row[]>(path: string): Promise<T> => platform.call<T>("GET", path).catch(() => [] as T);

test.runIf(process.platform === "linux")(
  "each alert is one mail and one escalation, though the mail server is away and processes are killed in the middle",
  { timeout: 420_000 },
  async () => {
    const { id: place } = await platform.call<{ id: number }>("POST", "/locations", { name: "Shelves" });
    const stocks: number[] = [];
    for (let shelf = 0; shelf < SHELVES; shelf += 1) {
      const item = await platform.call<{ id: number }>("POST", "/items", { sku: `s${shelf}`, name: `Goods ${shelf}` });
      const stock = { item_id: item.id, location_id: place, quantity: 5 };
      stocks.push((await platform.call<{ id: number }>("POST", "/inventory-items", stock)).id);
    }
    const { id: rule } = await platform.call<{ id: number }>("POST", "/notification-rules", {
      ...{ name: "Empty shelves", types: ["out_of_stock"], channel: "email", target: SHIFT },
      ...{ location_ids: [place], escalate_after_minutes: 1, escalate_to: BOSS },
    });
    for (const stock of stocks) await platform.call("PUT", `/inventory-items/${stock}`, { quantity: 0 });
    const alerts = () => read("/alerts?type=out_of_stock");
    await expect.poll(alerts, WAIT).toHaveLength(SHELVES);
    const [seen] = await alerts();
    await platform.call("POST", `/alerts/${String(seen!["id"])}/ack`, {});

    // The mail server is away. What waits survives.
    const state = () => read<Row>(`/notification-rules/${rule}`);
    await expect.poll(state, WAIT).toMatchObject({ failing_since: expect.any(String) });
    expect((await state())["last_error"]).toMatch(/ECONNREFUSED/);
    await kill("api");
    await kill("ingest");
    await expect.poll(async () => (await state())["waiting"], WAIT).toBeGreaterThanOrEqual(SHELVES);

    // It is back. The relay is killed when a message has come whole, before it is accepted.
    let killed = 0;
    mail = await startMailServer(mailPort);
    mail.accepts = async () => {
      if (killed > 0) return true;
      killed += 1;
      process.kill(await pidOf(platform, "api"), "SIGKILL");
      return false;
    };
    await expect.poll(() => mail!.to(SHIFT).length, WAIT).toBe(SHELVES);
    await expect.poll(() => mail!.to(BOSS).length, WAIT).toBe(SHELVES - 1);
    await expect.poll(state, WAIT).toMatchObject({ waiting: 0, failing_since: null });
    expect(killed).toBe(1);

    // Nothing comes again: what was due after another restart is sent before this test is.
    await kill("api");
    await kill("ingest");
    const test = async () =>
      platform.call("POST", `/notification-rules/${rule}/test`).then(
        () => true,
        () => false,
      );
    await expect.poll(test, WAIT).toBe(true);
    await expect.poll(() => mail!.to(SHIFT).length, WAIT).toBe(SHELVES + 1);
    await expect.poll(state, WAIT).toMatchObject({ waiting: 0 });
    const subjects = (address: string) => mail!.to(address).map((received) => received.header("subject")!);
    expect(subjects(SHIFT).filter((subject) => subject.startsWith("Critical: Goods"))).toHaveLength(SHELVES);
    expect(new Set(subjects(SHIFT)).size).toBe(SHELVES + 1);
    expect(new Set(subjects(BOSS)).size).toBe(SHELVES - 1);
    expect(subjects(BOSS)).not.toContain(`Nobody has acknowledged: Critical: ${String(seen!["title"])}`);
    expect(mail.mails).toHaveLength(SHELVES * 2);
    expect(await alerts()).toHaveLength(SHELVES);
  },
);

test("a relay that runs alone sends what is due, and ends when it is asked to", { timeout: 120_000 }, async () => {
  const db = await createDatabase();
  const server = await startMailServer();
  const relay = new Launched("relay", { DATABASE_URL: db.url, SMTP_URL: server.url });
  try {
    await db.pool.query(
      `WITH rule AS (INSERT INTO notification_rules (name, types, channel, target) VALUES ('Alone', '["dwell"]', 'email', $1) RETURNING id)
      INSERT INTO notification_deliveries (rule_id, kind, channel, target, due_at) SELECT id, 'test', 'email', $1, now() FROM rule`,
      [SHIFT],
    );
    await expect.poll(() => server.to(SHIFT).length, WAIT).toBe(1);
    const sent = async () => (await db.pool.query("SELECT state FROM notification_deliveries")).rows;
    await expect.poll(sent, WAIT).toEqual([{ state: "sent" }]);
    relay.child.kill("SIGTERM");
    expect(await relay.ends()).toMatchObject({ code: 0 });
  } finally {
    relay.child.kill("SIGKILL");
    await server.close();
    await db.drop();
  }
});
