import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureAdmin } from "../../api/auth/bootstrap-admin.ts";
import { HashQueue } from "../../api/auth/hash-queue.ts";
import { startApi, type TestApi } from "../api/support.ts";

const PASSWORD = "correct horse";
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ loginAttempts: { count: 1000, windowMs: 60_000 } });
  await ensureAdmin(api.db.pool, { email: "ada@waystock.test", password: PASSWORD }, "http://waystock.test");
});
afterAll(() => api?.close());

const post = async (path: string, body: object) =>
  api.app.request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

test("two run at once, few wait, and the oldest of strangers is refused first", async () => {
  const queue = new HashQueue(2, 3);
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const add = (name: string, isTrusted: boolean): Promise<string> =>
    queue
      .run(isTrusted, async () => {
        most = Math.max(most, (running += 1));
        await delay(5);
        running -= 1;
        order.push(name);
        return "done";
      })
      .catch((error: { status: number; headers: object }) => `${error.status} ${JSON.stringify(error.headers)}`);
  const outcomes = await Promise.all([
    add("first", false),
    add("second", false),
    add("old", false),
    add("known", true),
    add("newer", false),
    add("newest", false),
  ]);
  expect(most).toBe(2);
  expect(outcomes[2]).toBe('503 {"Retry-After":"2"}');
  expect(outcomes.filter((each) => each === "done")).toHaveLength(5);
  expect(order.slice(2)).toEqual(["known", "newest", "newer"]);
  expect(await add("later", false)).toBe("done");
});

test("of 100 junk links and 100 junk sign-ins few are hashed before a right login", async () => {
  let hashed = 0;
  const junk = Array.from({ length: 100 }, (_, n) => [
    post("/auth/setup", { token: `junk ${n}`, email: "a@b.example", password: PASSWORD }),
    post("/auth/login", { email: `junk-${n}@waystock.test`, password: PASSWORD }).then((answer) => {
      if (answer.status === 401) hashed += 1;
      return answer;
    }),
  ]).flat();
  const right = await post("/auth/login", { email: "ada@waystock.test", password: PASSWORD });
  expect(right.status).toBe(200);
  // Two that ran already, the eight that may wait, and as many again that came in between.
  expect(hashed).toBeLessThanOrEqual(20);
  const answers = await Promise.all(junk);
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses).toEqual(new Set([401, 503]));
  for (const answer of answers) if (answer.status === 503) expect(answer.headers.get("Retry-After")).toBe("2");
}, 60_000);

test("hashing holds no transaction open", async () => {
  const admin = await api.as("admin");
  const created = admin("POST /users", { email: "slow@waystock.test", role: "viewer", password: PASSWORD });
  let open = 0;
  let isDone = false;
  void created.finally(() => (isDone = true));
  while (!isDone) {
    const { rows } = await api.db.pool.query<{ open: number }>(
      `SELECT count(*) AS open FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
         AND state_change < now() - interval '100 ms'`,
    );
    open += rows[0]!.open;
    await delay(20);
  }
  expect((await created).status).toBe(201);
  expect(open).toBe(0);
});
