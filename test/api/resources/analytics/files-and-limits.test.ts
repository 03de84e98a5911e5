import { describe, expect, vi } from "vitest";
import { analyticsTest as test, type Row } from "./analytics-api.ts";

vi.setConfig({ testTimeout: 60_000 });

const csvOf = async (response: Response): Promise<string[]> => (await response.text()).trim().split("\r\n");

describe("as a file", () => {
  test("all rows as CSV, by the query or by the Accept header; what a spreadsheet would run is text", async ({
    api,
    world,
    given,
    n,
  }) => {
    const place = await world.location(`=HYPERLINK("http://evil.test","${n}")`, "storage");
    const other = await world.location(`plain ${n}`, "storage");
    await api.db.pool.query("UPDATE locations SET parent_id = $1 WHERE id = $2", [place, other]);
    for (const location of [place, other]) await given.stay({ location, from: 2, to: 1 });
    const token = await api.tokenOf("viewer");
    const get = (path: string, headers = {}) =>
      api.app.request(path, { headers: { Authorization: `Bearer ${token}`, ...headers } });
    const path = `/analytics/dwell?location_id=${place}&limit=1`;
    const byQuery = await get(`${path}&format=csv`);
    expect(byQuery.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(byQuery.headers.get("content-disposition")).toBe('attachment; filename="dwell.csv"');
    const lines = await csvOf(byQuery);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^stage,location_id,location_name,shipments,/);
    expect(lines.join("\n")).toContain(`"'=HYPERLINK(`);
    const byHeader = await csvOf(await get(path, { Accept: "text/csv" }));
    expect(byHeader[0]).toBe(lines[0]);
    expect((await get(path, { Accept: "application/json" })).headers.get("content-type")).toMatch(/json/);
    for (const report of ["bottlenecks", "dwell", "space", "on-time", "throughput", "turns", "inventory"]) {
      const file = await get(`/analytics/${report}?format=csv`);
      expect(file.status).toBe(200);
      const [header] = await csvOf(file);
      expect(header!.split(",")).toContain("as_of");
    }
    const over = await get("/analytics/bottlenecks?from=2026-03-02&to=2026-03-01");
    expect(over.status).toBe(400);
  });
});

describe("a principal with limits", () => {
  test("sees what happened at its places, and of its owner, and nothing else", async ({ api, world, given, n }) => {
    const { pool } = api.db;
    const [own, foreign] = [
      await world.location(`own ${n}`, "storage"),
      await world.location(`foreign ${n}`, "storage"),
    ];
    const { rows } = await pool.query<{ id: number }>(
      `INSERT INTO parties (name, roles) VALUES ('o ${n}', '["owner"]') RETURNING id`,
    );
    const owner = rows[0]!.id;
    await given.stay({ location: own, from: 3 });
    await given.stay({ location: own, from: 3, to: 2, owner });
    await given.stay({ location: foreign, from: 3 });
    await given.stay({ location: foreign, from: 3, to: 2, owner });
    await given.summed();
    const reportsFor = async (column: string, ids: number[]): Promise<Row[][]> => {
      const call = await api.as("viewer");
      await pool.query(`UPDATE users SET ${column} = $1 WHERE id = (SELECT max(id) FROM users)`, [
        `{${ids.join(",")}}`,
      ]);
      const limited = ["dwell", "bottlenecks", "throughput?interval=hour", "inventory"].map(async (report) => {
        const { status, body } = await call(`GET /analytics/${report}`);
        expect(status).toBe(200);
        return body as unknown as Row[];
      });
      return Promise.all(limited);
    };
    const placesOf = (reports: Row[][]) =>
      reports.map((rows) => [...new Set(rows.map(({ location_id }) => location_id))]);
    const atOwn = await reportsFor("location_ids", [own]);
    expect(placesOf(atOwn).slice(0, 3)).toEqual([[own], [own], [own]]);
    expect(atOwn[0]).toMatchObject([{ shipments: 2 }]);
    const ofOwner = await reportsFor("owner_ids", [owner]);
    expect(ofOwner[0]!.map((row) => row["shipments"])).toEqual([1, 1]);
    expect(ofOwner[2]!.reduce((sum, row) => sum + Number(row["shipments_in"]), 0)).toBe(2);
    expect(ofOwner[3]!.every(({ product_name }) => product_name === "goods")).toBe(true);
    expect(ofOwner[3]).toHaveLength(2);
  });
});
