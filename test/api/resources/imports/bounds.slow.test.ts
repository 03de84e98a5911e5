import { afterAll, beforeAll, expect, test } from "vitest";
import { endImport, NOTHING_DONE, recordProgress, TakenOver } from "../../../../api/resources/imports/run-queries.ts";
import type { TextFormat } from "../../../../api/tables/text-format.ts";
import { deleteExpired } from "../../../../ingest/stores/queries/retention/expired-rows.ts";
import { startApi } from "../../support.ts";
import { counts, type ImportApi, startImportApi } from "./import-api.ts";

let api: ImportApi;
beforeAll(async () => {
  api = await startImportApi();
});
afterAll(() => api?.close());

const ended = (id: number) =>
  expect.poll(async () => (await api.call(`GET /imports/${id}`)).body["state"], { timeout: 60_000 }).toBe("done");

test("a large file is taken at once and read in the background; where to follow it is said", async () => {
  const rows = Array.from({ length: 3_000 }, (_, at) => `P-${at},owner,${"a long street ".repeat(8)}`);
  const file = `name,roles,address\n${rows.join("\n")}\n`;
  const token = await api.tokenOf("admin");
  const answer = await api.app.request("/imports/parties?file_name=owners.csv", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv" },
    body: file,
  });
  const { id } = (await answer.json()) as { id: number };
  expect([answer.status, answer.headers.get("Location")]).toEqual([202, `/imports/${id}`]);
  await ended(id);
  const report = await api.call(`GET /imports/${id}`);
  expect(report.body).toMatchObject({ ...{ file_name: "owners.csv", rows: 3_000, created: 3_000, errors: [] } });
  expect(report.body["read_bytes"]).toBe(report.body["size_bytes"]);
});

test("the first thousand errors are kept, all rows with errors are counted", async () => {
  const { body } = await api.send("items", `sku,name,value_cents\n${"X,Y,z\n".repeat(2_500)}`);
  await ended(body.id);
  const report = await api.call(`GET /imports/${body.id}`);
  expect(counts(report.body as never)).toEqual([2500, 0, 0, 0, 2500]);
  const errors = report.body["errors"] as { line: number }[];
  expect([errors.length, errors[0]!.line, errors.at(-1)!.line]).toEqual([1000, 2, 1001]);
});

test("a file that is too large is refused", async () => {
  const mebibyte = new Uint8Array(1024 * 1024).fill(65);
  const token = await api.tokenOf("admin");
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if ((sent += 1) <= 300) controller.enqueue(mebibyte);
      else controller.close();
    },
  });
  const answer = await api.app.request("/imports/items", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv" },
    body,
    duplex: "half",
  });
  expect([answer.status, sent]).toEqual([413, expect.toSatisfy((mebibytes: number) => mebibytes < 265)]);
  const declared = await api.app.request("/imports/items", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv", "Content-Length": "300000000" },
    body: "sku,name\n",
  });
  expect(declared.status).toBe(413);
  const array = `[${'{"sku": "A", "name": "B"},'.repeat(50_000)}{}]`;
  const whole = await api.send("items", array, { type: "application/json" });
  expect(whole).toMatchObject({ status: 413, body: { detail: expect.stringMatching(/x-ndjson/) } });
});

test("an import whose process says nothing any more is shown as interrupted, and may be sent again", async () => {
  const { body } = await api.send("items", "sku,name\nI-1,Bolt\n");
  const { pool } = api.db;
  const state = async () => (await api.call(`GET /imports/${body.id}`)).body["state"];
  await pool.query("UPDATE imports SET state = 'running', ended_at = NULL, alive_at = now() WHERE id = $1", [body.id]);
  expect(await state()).toBe("running");
  await pool.query("UPDATE imports SET alive_at = now() - interval '30 seconds' WHERE id = $1", [body.id]);
  expect(await state()).toBe("interrupted");
  expect((await api.call("GET /imports?limit=1")).body).toMatchObject([{ id: body.id, state: "interrupted" }]);
  expect(counts((await api.send("items", "sku,name\nI-1,Bolt\n")).body)).toEqual([1, 0, 0, 1, 0]);
});

test("an import whose process is stopped in order says so at once", async () => {
  const other = await startApi({}, { beside: api });
  const token = await api.tokenOf("admin");
  const answer = await other.app.request("/imports/items", {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv" },
    body: `sku,name\n${Array.from({ length: 20_000 }, (_, at) => `STOP-${at},A name of some length`).join("\n")}\n`,
  });
  const { id } = (await answer.json()) as { id: number };
  const report = async () => (await api.call(`GET /imports/${id}`)).body;
  await expect.poll(async () => (await report())["rows"]).toBeGreaterThan(0);
  await other.close();
  expect(await report()).toMatchObject({ state: "interrupted", problem: "the process that ran it has ended" });
  const { rows, created } = (await report()) as { rows: number; created: number };
  expect([rows < 20_000, created]).toEqual([true, rows]);
});

const resume = async (id: number, file: string) => {
  const response = await api.app.request(`/imports/${id}/resume`, {
    method: "POST",
    headers: { Authorization: `Bearer ${await api.tokenOf("admin")}`, "Content-Type": "text/csv" },
    body: file,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("an import that was interrupted goes on after the last row that was written, with its counts and errors", async () => {
  const other = await startApi({}, { beside: api });
  const total = 20_000;
  const bad = (at: number) => at % 400 === 7;
  const rows = Array.from({ length: total }, (_, at) => `GO-${at},${bad(at) ? "" : "Name of some length"},${at}`);
  const file = `sku,name,value_cents\n${rows.join("\n")}\n`;
  const answer = await other.app.request("/imports/items", {
    method: "POST",
    headers: { Authorization: `Bearer ${await api.tokenOf("admin")}`, "Content-Type": "text/csv" },
    body: file,
  });
  const { id } = (await answer.json()) as { id: number };
  const report = async () => (await api.call(`GET /imports/${id}`)).body;
  await expect.poll(async () => (await report())["rows"]).toBeGreaterThan(600);
  await other.close();
  const interrupted = await report();
  expect(interrupted["state"]).toBe("interrupted");
  const { rows: written } = interrupted as { rows: number };
  expect(written).toBeLessThan(total);

  expect(await resume(id, file.replace("GO-0,", "GO-X,"))).toMatchObject({
    ...{ status: 409, body: { detail: expect.stringMatching(/not the file/) } },
  });
  // A change of what is written already shows that the rows before are not read again.
  await api.db.pool.query("UPDATE items SET name = 'Changed by hand' WHERE sku = 'GO-0'");
  expect(await resume(id, file)).toMatchObject({ status: 202, body: { id } });
  expect((await resume(id, file)).status).toBe(409);
  await ended(id);
  const wrong = Array.from({ length: total }, (_, at) => at).filter(bad);
  expect(counts((await report()) as never)).toEqual([total, total - wrong.length, 0, 0, wrong.length]);
  expect((await report())["problem"]).toBeNull();
  const lines = ((await report())["errors"] as { line: number }[]).map(({ line }) => line);
  expect(lines).toEqual(wrong.map((at) => at + 2));
  const { rows: found } = await api.db.pool.query("SELECT count(*)::int AS count FROM items WHERE sku LIKE 'GO-%'");
  expect(found).toEqual([{ count: total - wrong.length }]);
  expect((await api.db.pool.query("SELECT name FROM items WHERE sku = 'GO-0'")).rows).toEqual([
    { name: "Changed by hand" },
  ]);
  expect(await resume(id, file)).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/is done/) } });
}, 60_000);

test("what cannot go on says why, and a process that was away for long writes nothing more", async () => {
  expect((await resume(987_654, "sku,name\n")).status).toBe(404);
  const file = "sku,name\nFENCE-1,Post\n";
  const { body: tried } = await api.send("items", file, { dryRun: true });
  await api.db.pool.query("UPDATE imports SET state = 'interrupted' WHERE id = $1", [tried.id]);
  expect(await resume(tried.id, file)).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/dry run/) },
  });

  const { body: first } = await api.send("items", file);
  await api.db.pool.query("UPDATE imports SET state = 'interrupted' WHERE id = $1", [first.id]);
  expect((await resume(first.id, file)).status).toBe(202);
  await ended(first.id);
  const progress = { ...NOTHING_DONE.counts, readBytes: 0, format: {} as TextFormat, errors: [], firstError: 0 };
  const late = { id: first.id, attempt: 1 };
  await expect(recordProgress(api.db.pool, late, progress)).rejects.toBeInstanceOf(TakenOver);
  await endImport(api.db.pool, late, "failed", "too late");
  expect((await api.call(`GET /imports/${first.id}`)).body).toMatchObject({ state: "done", problem: null, rows: 1 });
});

test("two imports of one file at the same time add each row once", async () => {
  const file = `name,roles\n${Array.from({ length: 800 }, (_, at) => `Twice ${at},customer`).join("\n")}\n`;
  const both = await Promise.all([api.send("parties", file), api.send("parties", file)]);
  const [created, unchanged] = [0, 1].map((at) =>
    both.reduce((sum, { body }) => sum + counts(body)[at === 0 ? 1 : 3]!, 0),
  );
  expect([created, unchanged]).toEqual([800, 800]);
});

test("imports are kept for 30 days, with their errors", async () => {
  const { body } = await api.send("items", "sku,name\n,\nZ-1,\n");
  const { pool } = api.db;
  await pool.query("UPDATE imports SET alive_at = now() - interval '31 days' WHERE id = $1", [body.id]);
  await deleteExpired(pool, "imports", 100, { quarantineDays: 1, auditDays: 1, rawDays: 1, rollupDays: 1 });
  expect((await api.call(`GET /imports/${body.id}`)).status).toBe(404);
  const left = await pool.query("SELECT FROM import_errors WHERE import_id = $1", [body.id]);
  expect(left.rowCount).toBe(0);
});

test("a manager may not import, and what no kind is called is not there", async () => {
  const manager = await api.as("manager");
  expect((await manager("POST /imports/items", [])).status).toBe(403);
  for (const kind of ["users", "Items", "1a"]) {
    const unknown = await api.call(`POST /imports/${kind}`, []);
    expect([unknown.status, unknown.headers.get("Content-Type")], kind).toEqual([404, "application/problem+json"]);
    expect(unknown.body["detail"]).toMatch(/kinds: items, locations, parties, devices, orders, stock$/);
  }
  expect((await api.call("POST /imports/1", [])).status).toBe(405);
  expect((await api.call("GET /imports/9999")).status).toBe(404);
});
