import { afterAll, beforeAll, expect, test } from "vitest";
import { counts, type ImportApi, type Report, startImportApi } from "./import-api.ts";

let api: ImportApi;
let authorization: string;
beforeAll(async () => {
  api = await startImportApi();
  authorization = `Bearer ${await api.tokenOf("admin")}`;
});
afterAll(() => api?.close());

interface Answer {
  status: number;
  location: string | null;
  isRepeat: boolean;
  body: Report & { detail?: string };
}

async function send(path: string, body: string | ReadableStream, key: string, type = "text/csv"): Promise<Answer> {
  const response = await api.app.request(path, {
    method: "POST",
    headers: { Authorization: authorization, "Content-Type": type, "Idempotency-Key": key },
    body,
    ...(body instanceof ReadableStream && { duplex: "half" as const }),
  });
  const isRepeat = response.headers.get("Idempotency-Replayed") === "true";
  const location = response.headers.get("Location");
  return { status: response.status, location, isRepeat, body: (await response.json()) as Answer["body"] };
}

const importsNamed = async (name: string): Promise<object[]> =>
  (await api.db.pool.query<object>("SELECT id, state, attempt FROM imports WHERE file_name = $1", [name])).rows;

const items = (prefix: string, rows: number, name = "Bolt"): string =>
  `sku,name\n${Array.from({ length: rows }, (_, at) => `${prefix}-${at},${name}`).join("\n")}\n`;

test("a file that is sent again with its Idempotency-Key is imported once, and answered the same", async () => {
  const path = "/imports/items?file_name=small";
  const first = await send(path, items("ONCE", 3), "small");
  expect([first.status, first.isRepeat, counts(first.body)]).toEqual([200, false, [3, 3, 0, 0, 0]]);
  await api.call("PUT /items/1", { name: "Changed by hand" });
  const again = await send(path, items("ONCE", 3), "small");
  expect(again).toEqual({ ...first, isRepeat: true });
  expect(await importsNamed("small")).toHaveLength(1);
  expect((await api.call("GET /items/1")).body["name"]).toBe("Changed by hand");
  expect((await send(path, items("ONCE", 3), "another")).body.id).not.toBe(first.body.id);
});

test("the key holds for the same file at the same address alone", async () => {
  const file = items("SAME", 2);
  expect((await send("/imports/items", file, "same")).status).toBe(200);
  expect((await send("/imports/items", items("SAME", 1), "same")).status).toBe(422);
  expect((await send("/imports/items?dry_run=true", file, "same")).status).toBe(422);
  expect((await send("/imports/parties", file, "same")).status).toBe(400);
  expect((await send("/imports/parties", "name,roles\nA,owner\n", "same")).status).toBe(422);
  expect((await send("/imports/items", '{"sku":"A","name":"B"}\n', "same", "application/x-ndjson")).status).toBe(422);
  expect((await send("/imports/items", file, "k".repeat(256))).status).toBe(400);
  expect((await send("/imports/items", file, "same")).isRepeat).toBe(true);
});

test("a file that is sent several times at once is imported once, and each gets the answer of its end", async () => {
  const file = items("RACE", 600);
  const sent = () => send("/imports/items?file_name=race", file, "race");
  const answers = await Promise.all(Array.from({ length: 5 }, sent));
  for (const { status, body } of answers) expect([status, body]).toEqual([200, answers[0]!.body]);
  expect(counts(answers[0]!.body)).toEqual([600, 600, 0, 0, 0]);
  expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1);
  expect(await importsNamed("race")).toHaveLength(1);
});

test("a large file that is sent again gets where to follow the first, also once that has ended", async () => {
  const file = items("LARGE", 1_400, "A".repeat(200));
  const first = await send("/imports/items?file_name=large", file, "large");
  expect([first.status, first.location]).toEqual([202, `/imports/${first.body.id}`]);
  expect(await send("/imports/items?file_name=large", file, "large")).toEqual({ ...first, isRepeat: true });
  const state = async () => (await api.call(`GET ${first.location}`)).body["state"];
  await expect.poll(state, { timeout: 60_000 }).toBe("done");
  expect(await send("/imports/items?file_name=large", file, "large")).toEqual({ ...first, isRepeat: true });
  expect(await importsNamed("large")).toHaveLength(1);
});

test("a sender that breaks off has claimed nothing: the whole file with this key is imported", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from("sku,name\nBROKEN-1,"));
      controller.error(new Error("the line went dead"));
    },
  });
  expect((await send("/imports/items?file_name=broken", broken, "broken")).status).toBe(400);
  const whole = await send("/imports/items?file_name=broken", items("BROKEN", 2), "broken");
  expect([whole.status, whole.isRepeat, whole.body.created]).toEqual([200, false, 2]);
});

test("after its process was killed a repeat tells how far the import has come, and it goes on once by another key", async () => {
  const file = items("KILLED", 4);
  const path = "/imports/items?file_name=killed";
  const { body } = await send(path, file, "killed");
  const silent =
    "UPDATE imports SET state = 'running', ended_at = NULL, alive_at = now() - interval '1 minute' WHERE id = $1";
  await api.db.pool.query(silent, [body.id]);
  const repeat = await send(path, file, "killed");
  expect(repeat).toMatchObject({ status: 200, isRepeat: true, body: { id: body.id, state: "interrupted" } });
  const resumed = await send(`/imports/${body.id}/resume`, file, "resumed");
  expect(resumed).toMatchObject({ status: 202, isRepeat: false, body: { id: body.id } });
  await expect.poll(() => importsNamed("killed")).toEqual([{ id: body.id, state: "done", attempt: 2 }]);
  expect(await send(`/imports/${body.id}/resume`, file, "resumed")).toEqual({ ...resumed, isRepeat: true });
  expect((await send(`/imports/${body.id}/resume`, items("KILLED", 5), "resumed")).status).toBe(422);
  expect((await send(`/imports/${body.id}/resume`, file, "resumed-2")).status).toBe(409);
  expect(await importsNamed("killed")).toEqual([{ id: body.id, state: "done", attempt: 2 }]);
  expect(await send(path, file, "killed")).toMatchObject({ status: 200, body: { state: "done", rows: 4 } });
});

test("a repeat of a small file that is still read is told where to follow it", async () => {
  const file = items("SLOW", 1);
  const { body } = await send("/imports/items", file, "slow");
  await api.db.pool.query("UPDATE imports SET state = 'running', ended_at = NULL WHERE id = $1", [body.id]);
  const repeat = await send("/imports/items", file, "slow");
  expect([repeat.status, repeat.location, repeat.body.state]).toEqual([202, `/imports/${body.id}`, "running"]);
}, 30_000);
