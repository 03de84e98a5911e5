import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
// @ts-expect-error A script for people without this repository has no types.
import { verifyCustody } from "../../../docs/verify-custody.mjs";
import type { Role } from "../../../api/auth/roles.ts";
import { beginCustodyLogs } from "../../../ingest/reprocessing/custody-start.ts";
import { worldIn } from "../../support/world.ts";
import { startApi, type TestApi } from "../support.ts";
import "../../support/property-seed.ts";

const SCRIPT = join(import.meta.dirname, "../../../docs/verify-custody.mjs");
const FLIPS = process.env["LONG"] === "1" ? 20_000 : 3_000;
const T = Date.parse("2026-03-01T08:00:00Z");
const iso = (minute: number) => new Date(T + minute * 60_000).toISOString();

let api: TestApi;
let hub: number;
let shop: number;
let truck: number;
beforeAll(async () => {
  api = await startApi();
  const world = worldIn(api.db.pool);
  hub = await world.location("hub", "storage");
  shop = await world.location("shop", "delivery");
  truck = await world.vehicle("truck");
});
afterAll(() => api?.close());

type Entry = Record<string, unknown> & { position: number; hash: string };

async function deliver(): Promise<string> {
  const operator = await api.as("operator");
  const made = { product_name: "Milk", quantity: 5, location: hub, destination_id: shop, at: iso(0) };
  const { body } = await operator("POST /shipments", made);
  const at = `/shipments/${String(body.id)}`;
  await operator(`POST ${at}/load`, { vehicle_id: truck, at: iso(10) });
  await operator(`POST ${at}/unload`, { location_id: shop, at: iso(50) });
  await operator(`POST ${at}/proof-of-delivery`, { name: "Ada Löw", at: iso(55) });
  return at;
}

async function custodyOf(at: string): Promise<Entry[]> {
  const viewer = await api.as("viewer");
  return (await viewer(`GET ${at}/custody`)).body as unknown as Entry[];
}

/** An export is no JSON, so it is not read as the other answers are. */
async function signed(at: string, role: Role): Promise<Response> {
  const headers = { Authorization: `Bearer ${await api.tokenOf(role)}` };
  return api.app.request(`${at}/custody?format=signed`, { headers });
}

async function exportOf(at: string): Promise<{ text: string; jwks: object }> {
  const jwks = await api.app.request("/.well-known/jwks.json");
  return { text: await (await signed(at, "auditor")).text(), jwks: (await jwks.json()) as object };
}

test("the custody log tells who had the goods, each entry with the hash of the one before", async () => {
  const at = await deliver();
  const entries = await custodyOf(at);
  expect(entries).toMatchObject([
    {
      position: 1,
      kind: "recorded",
      event: "created",
      from: null,
      to: { location_id: hub, vehicle_id: null },
      prev_hash: "",
    },
    { position: 2, event: "loaded", at: iso(10), from: { vehicle_id: null }, to: { vehicle_id: truck } },
    { position: 3, event: "unloaded", from: { vehicle_id: truck }, to: { location_id: shop, vehicle_id: null } },
    { position: 4, event: "proof", received_by: "Ada Löw", outcome: "delivered", status: "delivered", rule: "person" },
  ]);
  expect(entries.slice(1).map(({ prev_hash }) => prev_hash)).toEqual(entries.slice(0, -1).map(({ hash }) => hash));
  const viewer = await api.as("viewer");
  const first = await viewer(`GET ${at}/custody?limit=3`);
  expect(first.body).toHaveLength(3);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link")!)![1]!;
  expect((await viewer(`GET ${next.slice(next.indexOf("/shipments"))}`)).body).toMatchObject([{ position: 4 }]);
  expect((await viewer(`GET ${at}/custody/check`)).body).toEqual({
    intact: true,
    entries: 4,
    broken_position: null,
    last_hash: entries[3]!.hash,
  });
});

test("what a proof of delivery holds stands in the log by its content", async () => {
  const world = worldIn(api.db.pool);
  const id = await world.shipment(hub, shop, T);
  const attachments = [{ id: 5, kind: "signature", sha256: "ab".repeat(32) }];
  const lines = [{ line: 1, itemId: null, quantity: 3 }];
  const proof = { name: "Ada", note: null, outcome: "partly", reason: "one box is wet", lines, attachments } as const;
  await world.fact(id, "proof", { ...proof, lines, attachments }, T + 60_000);
  expect((await custodyOf(`/shipments/${id}`)).at(-1)).toMatchObject({
    ...{ event: "proof", outcome: "partly", outcome_reason: "one box is wet" },
    ...{ lines: [{ line: 1, quantity: 3 }], attachments },
  });
});

test("a correction is a new entry that names the first one, with the reason", async () => {
  const at = await deliver();
  const manager = await api.as("manager");
  const events = (await manager(`GET ${at}/events`)).body as unknown as { id: number; type: string }[];
  const loaded = events.find(({ type }) => type === "loaded")!;
  await manager(`POST ${at}/events/${loaded.id}/void`, { reason: "it was another truck" });
  const entries = await custodyOf(at);
  expect(entries.slice(4)).toMatchObject([
    { position: 5, kind: "withdrawn", corrects: 2, event: "loaded", reason: "void: it was another truck" },
    { position: 6, kind: "corrected", corrects: 3, event: "unloaded", from: { location_id: hub, vehicle_id: null } },
  ]);
  const { text, jwks } = await exportOf(at);
  expect(verifyCustody(text, jwks).entries).toEqual(entries);
});

test("nobody rewrites the log: Postgres refuses it, and the check finds what was changed all the same", async () => {
  const at = await deliver();
  const id = Number(at.split("/")[2]);
  const { pool } = api.db;
  for (const sql of [
    `UPDATE custody_entries SET content = '{}' WHERE shipment_id = ${id}`,
    `DELETE FROM custody_entries WHERE shipment_id = ${id}`,
    "TRUNCATE custody_entries CASCADE",
  ]) {
    await expect(pool.query(sql)).rejects.toThrow("append-only");
  }
  const viewer = await api.as("viewer");
  const tamper = async (sql: string) => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query("ALTER TABLE custody_entries DISABLE TRIGGER custody_append_only");
      await client.query(sql);
      await client.query("ALTER TABLE custody_entries ENABLE TRIGGER custody_append_only");
      await client.query("COMMIT");
    } finally {
      client.release();
    }
    return (await viewer(`GET ${at}/custody/check`)).body;
  };
  const other = "replace(content::text, 'Ada', 'Eve')::json";
  const changed = await tamper(
    `UPDATE custody_entries SET content = ${other} WHERE shipment_id = ${id} AND position = 4`,
  );
  expect(changed).toMatchObject({ intact: false, broken_position: 4 });
  const cut = await tamper(
    `DELETE FROM outbox WHERE shipment_id = ${id}; DELETE FROM custody_entries WHERE shipment_id = ${id} AND position = 4`,
  );
  expect(cut).toMatchObject({ intact: false, broken_position: 4 });
});

test("a signed export is for manager, auditor and admin", async () => {
  const at = await deliver();
  for (const role of ["manager", "auditor", "admin"] as const) {
    const { status, headers } = await signed(at, role);
    expect([role, status, headers.get("content-type")]).toEqual([role, 200, "application/jose"]);
  }
  for (const role of ["viewer", "operator", "sales"] as const) {
    const { status, body } = await (await api.as(role))(`GET ${at}/custody?format=signed`);
    expect([role, status]).toEqual([role, 403]);
    expect(body).toMatchObject({ detail: "a signed export needs one of the roles manager, auditor, admin" });
  }
  expect((await (await api.as("viewer"))("GET /shipments/999999/custody")).status).toBe(404);
});

test("custody export: one changed byte anywhere is found by the offline script", async () => {
  const { text, jwks } = await exportOf(await deliver());
  expect(verifyCustody(text, jwks).entries).toHaveLength(4);
  const bytes = Buffer.from(text, "latin1");
  const isFound = (changed: Buffer) =>
    expect(() => verifyCustody(changed.toString("latin1"), jwks) as unknown).toThrow();
  // Its ends and its joints, with every other byte there.
  const joints = [0, text.indexOf("."), text.lastIndexOf("."), bytes.length - 1];
  for (const at of joints) {
    for (let byte = 0; byte < 256; byte += 1) {
      if (byte === bytes[at]) continue;
      const changed = Buffer.from(bytes);
      changed[at] = byte;
      isFound(changed);
    }
  }
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ by;
      isFound(changed);
    }),
    { numRuns: FLIPS },
  );
  isFound(bytes.subarray(0, -1));
  isFound(Buffer.concat([bytes, Buffer.from("\n")]));
});

test("the offline script says what it has found, and needs no network and no dependency", async () => {
  const { text, jwks } = await exportOf(await deliver());
  const folder = await mkdtemp(join(tmpdir(), "custody-"));
  try {
    const [good, bad, keys] = [join(folder, "good.jws"), join(folder, "bad.jws"), join(folder, "jwks.json")];
    await writeFile(good, text);
    await writeFile(
      bad,
      text.replace(/.$/, (last) => (last === "A" ? "Q" : "A")),
    );
    await writeFile(keys, JSON.stringify(jwks));
    const run = promisify(execFile);
    expect((await run(process.execPath, [SCRIPT, good, keys])).stdout).toMatch(/^intact: 4 entries of shipment \S+/);
    await expect(run(process.execPath, [SCRIPT, bad, keys])).rejects.toMatchObject({ code: 1 });
    await expect(run(process.execPath, [SCRIPT, join(folder, "none"), keys])).rejects.toMatchObject({ code: 2 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a shipment of an earlier version gets its log from its facts, and nobody is told of what is long past", async () => {
  const at = await deliver();
  const id = Number(at.split("/")[2]);
  const { pool } = api.db;
  await pool.query(`DELETE FROM outbox WHERE shipment_id = ${id}; DELETE FROM custody_heads WHERE shipment_id = ${id};
    ALTER TABLE custody_entries DISABLE TRIGGER custody_append_only; DELETE FROM custody_entries WHERE shipment_id = ${id};
    ALTER TABLE custody_entries ENABLE TRIGGER custody_append_only`);
  const viewer = await api.as("viewer");
  const before = (await viewer(`GET ${at}`)).body;
  await beginCustodyLogs(pool, [id]);
  expect(await custodyOf(at)).toMatchObject([
    { event: "created" },
    { event: "loaded" },
    { event: "unloaded" },
    { event: "proof" },
  ]);
  expect((await viewer(`GET ${at}`)).body).toEqual(before);
  const { rows } = await pool.query("SELECT FROM outbox WHERE shipment_id = $1", [id]);
  expect(rows).toEqual([]);
});
