import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../../../api/auth/roles.ts";
import { startApi, type TestApi } from "../support.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const MIB = 1024 * 1024;

let api: TestApi;
const tokens = new Map<Role, string>();
beforeAll(async () => {
  api = await startApi();
  for (const role of ["manager", "operator", "viewer"] as const) tokens.set(role, await api.tokenOf(role));
  const manager = await api.as("manager");
  for (const [path, body] of [
    ["items", { sku: "S", name: "Item" }],
    ["locations", { name: "Place" }],
    ["parties", { name: "Party", roles: "carrier" }],
    ["vehicles", { name: "Truck" }],
    ["shipments", { product_name: "Goods", quantity: 1, location: "storage" }],
  ] as const)
    expect((await manager(`POST /${path}`, body)).body["id"]).toBe(1);
});
afterAll(() => api?.close());

const request = async (role: Role, method: string, path: string, body?: Uint8Array | string, headers = {}) =>
  api.app.request(path, {
    method,
    headers: { Authorization: `Bearer ${tokens.get(role)}`, ...headers },
    ...(body !== undefined && { body: body as Uint8Array<ArrayBuffer> }),
  });
const add = (path: string, name: string, content: Uint8Array | string, role: Role = "manager", headers = {}) =>
  request(role, "POST", `${path}/attachments?file_name=${encodeURIComponent(name)}`, content, headers);
const rowsOf = async (path: string) =>
  (await (await request("viewer", "GET", `${path}/attachments`)).json()) as { id: number }[];

describe.each(["items", "locations", "parties", "vehicles", "shipments"])("attachments of %s", (thing) => {
  const path = `/${thing}/1`;

  test("are added, listed, read as they were sent, and removed, by the roles of the thing itself", async () => {
    const changes: Role = thing === "shipments" ? "operator" : "manager";
    if (thing !== "shipments") expect((await add(path, "a.png", PNG, "operator")).status).toBe(403);
    expect((await add(path, "a.png", PNG, "viewer")).status).toBe(403);
    const added = await add(path, "photo.png", PNG, changes);
    expect(added.status).toBe(201);
    const body = (await added.json()) as { id: number };
    expect(added.headers.get("Location")).toBe(`${path}/attachments/${body.id}`);
    expect(body).toMatchObject({
      ...{ name: "photo.png", media_type: "image/png", size_bytes: PNG.length },
      sha256: createHash("sha256").update(PNG).digest("hex"),
      added_by: expect.stringMatching(/^user:\d+$/),
    });
    expect(await rowsOf(path)).toEqual([body]);
    const read = await request("viewer", "GET", `${path}/attachments/${body.id}`);
    expect(Buffer.from(await read.arrayBuffer())).toEqual(PNG);
    const removal = `${path}/attachments/${body.id}`;
    expect((await request("viewer", "DELETE", removal)).status).toBe(403);
    expect((await request(changes, "DELETE", removal)).status).toBe(204);
    expect((await request("viewer", "GET", removal)).status).toBe(404);
    expect(await rowsOf(path)).toEqual([]);
    const { rows } = await api.db.pool.query("SELECT action, outcome FROM audit WHERE subject LIKE $1 ORDER BY id", [
      `${path}/attachments%`,
    ]);
    const done = rows.filter(({ outcome }) => outcome === "done").map(({ action }) => action);
    expect(done).toEqual([`POST /${thing}/{id}/attachments`, `DELETE /${thing}/{id}/attachments/{attachment_id}`]);
  });

  test("of a thing that is not there do not exist", async () => {
    expect((await add(`/${thing}/987654`, "a.png", PNG)).status).toBe(404);
    expect((await request("viewer", "GET", `/${thing}/987654/attachments`)).status).toBe(404);
    expect((await request("viewer", "GET", `/${thing}/987654/attachments/1`)).status).toBe(404);
  });
});

test("the answer lets no browser run what it holds", async () => {
  const page = "<html><script>alert(1)</script></html>";
  const added = await add("/items/1", "page.html", page, "manager", { "Content-Type": "text/html" });
  const body = (await added.json()) as { id: number };
  expect(body).toMatchObject({ name: "page.html.txt", media_type: "text/plain" });
  const { headers } = await request("viewer", "GET", `/items/1/attachments/${body.id}`);
  expect(headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
  expect(headers.get("Content-Disposition")).toBe(
    `attachment; filename="page.html.txt"; filename*=UTF-8''page.html.txt`,
  );
  expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  expect(headers.get("Content-Security-Policy")).toBe("default-src 'none'; sandbox");
  expect(headers.get("Content-Length")).toBe(String(page.length));
});

test.each([
  ["photo\u202Egnp.exe", PNG, "photognp.exe.png"],
  ["../../etc/passwd", "root", "passwd.txt"],
  ["C:\\temp\\con", "root", "_con.txt"],
  ["\u0001...", "root", "file.txt"],
  ["Lieferschein – Müller.PNG", PNG, "Lieferschein – Müller.png"],
  [`${"a".repeat(250)}.png`, PNG, `${"a".repeat(120)}.png`],
])("the name %j becomes one that any system can store", async (name, content, clean) => {
  const added = await add("/items/1", name, content);
  expect([added.status, await added.json()]).toEqual([201, expect.objectContaining({ name: clean })]);
});

test.each([
  ["photo.png", Buffer.from("4d5a90000300000004000000ffff0000", "hex"), "application/x-msdownload"],
  ["photo.jpg", "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "application/xml"],
  ["notes.txt", Buffer.from("504b0304140000000000", "hex"), "zip"],
  ["notes.txt", Buffer.from("a\0b"), "of no type that is known"],
  ["notes.txt", Buffer.from([0x61, 0xff, 0xfe, 0x62]), "of no type that is known"],
])("%s that is something else is refused by its content", async (name, content, words) => {
  const before = await rowsOf("/items/1");
  const added = await add("/items/1", name, content, "manager", { "Content-Type": "image/png" });
  const { detail } = (await added.json()) as { detail: string };
  expect([added.status, detail]).toEqual([415, expect.stringContaining(words)]);
  expect(detail).toContain(name);
  expect(await rowsOf("/items/1")).toEqual(before);
});

test("a file of 20 MiB is stored in pieces and comes back whole; a larger one and an empty one are refused", async () => {
  const large = Buffer.concat([PNG, randomBytes(20 * MIB - PNG.length)]);
  const added = await add("/vehicles/1", "large.png", large);
  const { id } = (await added.json()) as { id: number };
  const { rows } = await api.db.pool.query(
    "SELECT count(*)::int AS pieces, max(length(bytes)) AS largest FROM attachment_pieces WHERE attachment_id = $1",
    [id],
  );
  expect(rows).toEqual([{ pieces: 80, largest: 256 * 1024 }]);
  const read = Buffer.from(await (await request("viewer", "GET", `/vehicles/1/attachments/${id}`)).arrayBuffer());
  expect(read.equals(large)).toBe(true);
  expect((await add("/vehicles/1", "larger.png", Buffer.concat([large, PNG]))).status).toBe(413);
  expect((await add("/vehicles/1", "none.png", "")).status).toBe(400);
  expect(await rowsOf("/vehicles/1")).toHaveLength(1);
  const unnamed = await request("manager", "POST", "/vehicles/1/attachments", PNG);
  expect(await unnamed.json()).toMatchObject({ name: "attachment.png" });
});

test("sent again with its Idempotency-Key it is there once; another file with that key is refused", async () => {
  const headers = { "Idempotency-Key": "attachment-1" };
  const first = await add("/parties/1", "a.png", PNG, "manager", headers);
  const again = await add("/parties/1", "a.png", PNG, "manager", headers);
  expect(await again.json()).toEqual(await first.json());
  expect((await add("/parties/1", "a.png", "another", "manager", headers)).status).toBe(422);
  expect(await rowsOf("/parties/1")).toHaveLength(1);
});

test("a thing has 50 at most, however many are added at once, and takes them along when it is removed", async () => {
  const manager = await api.as("manager");
  const { body } = await manager("POST /locations", { name: "Full of pictures" });
  const path = `/locations/${String(body["id"])}`;
  const answers = await Promise.all(Array.from({ length: 55 }, (_, n) => add(path, `${n}.txt`, `text ${n}`)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(50);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  expect((await manager(`DELETE ${path}`)).status).toBe(204);
  const { rows } = await api.db.pool.query("SELECT FROM attachments WHERE location_id = $1", [body["id"]]);
  expect(rows).toEqual([]);
});
