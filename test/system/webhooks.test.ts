import { afterAll, beforeAll, expect, test } from "vitest";
import { idOf, verified } from "../api/integrations/webhooks/webhook-test.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { Launched } from "../support/launched.ts";
import { type HttpReceiver, type ReceivedPost, startHttpReceiver } from "../support/receivers.ts";

/** How often a relay is killed. */
const IS_LONG = process.env["LONG"] === "1";
const KILLS = IS_LONG ? 50 : 6;
const EVENTS_PER_KILL = 20;
/** Not a limit of what is tested: a delivery of a relay that was killed waits for the end of its lease, 30 s. */
const WAIT = { timeout: 600_000, interval: 200 };

let api: TestApi;
let receiver: HttpReceiver;
const relays: Launched[] = [];
beforeAll(async () => {
  api = await startApi();
  receiver = await startHttpReceiver();
}, 90_000);
afterAll(async () => {
  for (const relay of relays) relay.child.kill("SIGKILL");
  await receiver?.close();
  await api?.close();
});

/** The key of the API of this process. */
const SECRETS_KEY = Buffer.alloc(32, 7).toString("base64");

function startRelay(): Launched {
  const relay = new Launched("relay", { DATABASE_URL: api.db.url, SECRETS_KEY, WEBHOOK_ALLOWED_HOSTS: "127.0.0.1" });
  relays.push(relay);
  return relay;
}

test(
  "relays are killed in the middle of deliveries, and no event is lost: what comes twice has the same id, and the order is kept",
  { timeout: IS_LONG ? 3_600_000 : 900_000 },
  async () => {
    const admin = await api.as("admin");
    const add = async (path: string, fields: object = {}): Promise<{ id: number; secret: string; path: string }> => {
      const { body } = await admin("POST /webhooks", { url: `${receiver.url}${path}`, types: ["order.*"], ...fields });
      return { id: Number(body["id"]), secret: String(body["secret"]), path };
    };
    const ordered = await add("/ordered", { ordered: true });
    const free = await add("/free");
    await add("/dead");
    receiver.answers.set("/dead", () => new Promise(() => {}));
    let posts = 0;
    // It refuses the first attempt of every third event.
    const refused = new Set<string>();
    const answer = (post: ReceivedPost) => {
      posts += 1;
      const key = `${post.path} ${idOf(post)}`;
      if (Number(idOf(post).split("-")[1]) % 3 !== 0 || refused.has(key)) return { status: 200 };
      refused.add(key);
      return { status: 503 };
    };
    for (const { path } of [ordered, free]) receiver.answers.set(path, answer);

    const events: string[] = [];
    async function happen(): Promise<void> {
      const { rows } = await api.db.pool.query<{ id: number }>(
        "INSERT INTO orders (kind) SELECT 'restock' FROM generate_series(1, $1) RETURNING id",
        [EVENTS_PER_KILL],
      );
      events.push(...rows.map(({ id }) => `order-${id}-1`));
    }
    const running = [startRelay(), startRelay()];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = posts;
      await happen();
      await expect.poll(() => posts, WAIT).toBeGreaterThan(before + (kill % 5));
      const victim = running.shift()!;
      victim.child.kill("SIGKILL");
      running.push(startRelay());
      await victim.ends();
    }
    const waiting = async (id: number) => {
      // What was refused comes again in its time; that is not what is tested here.
      await api.db.pool.query(
        "UPDATE webhook_deliveries SET due_at = now() WHERE webhook_id = $1 AND state = 'waiting' AND due_at > now()",
        [id],
      );
      return (await admin(`GET /webhooks/${id}`)).body["waiting"];
    };
    for (const { id, path, secret } of [ordered, free]) {
      await expect.poll(() => waiting(id), WAIT).toBe(0);
      const accepted = receiver.at(path);
      expect(new Set(accepted.map(idOf))).toEqual(new Set(events));
      const bodies = new Map<string, string>();
      for (const post of accepted) {
        expect(bodies.get(idOf(post)) ?? post.body).toBe(post.body);
        bodies.set(idOf(post), post.body);
        expect(JSON.parse(post.body)).toMatchObject({ id: idOf(post) });
      }
      // The last one is young enough to be verified as its receiver does it.
      expect(verified(secret, accepted.at(-1)!)).toMatchObject({ type: "waystock.order.created.v1" });
    }
    expect([...new Set(receiver.at("/ordered").map(idOf))]).toEqual(events);
  },
);
