import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type TestApi, type TestResponse } from "../support.ts";
import { TRIALS } from "./limited-operations.ts";
import type { Trial } from "./limited-trial.ts";
import { fillSide, type Side } from "./limited-world.ts";

type Call = Awaited<ReturnType<TestApi["as"]>>;
type Ids = Record<string, string | number>;

const withIds = (route: string, ids: Ids = {}): string =>
  route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(ids[name])));

/** An answer without the id of its request. */
function comparable({ status, body }: TestResponse): object {
  const { requestId: _, ...rest } = body;
  return { status, body: rest };
}

test("every operation of the OpenAPI document is tried under limits", async () => {
  const api = await startApi();
  try {
    const document = (await (await api.app.request("/openapi.json")).json()) as {
      paths: Record<string, Record<string, { "x-roles": string[] }>>;
    };
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => !operation["x-roles"].includes("public"))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.sort()).toEqual(Object.keys(TRIALS).sort());
  } finally {
    await api.close();
  }
});

describe.each([
  ["locations", "location_ids"],
  ["owners", "owner_ids"],
] as const)("a principal limited to %s", (what, column) => {
  let api: TestApi;
  let own: Side;
  let foreign: Side;
  /** an administrator with limits: it has every role's rights */
  let limited: Call;
  let before: string;

  /** Everything of the foreign side that a principal with limits could have changed. */
  async function stateOfForeign(): Promise<string> {
    const { rows } = await api.db.pool.query(
      `SELECT (SELECT row_to_json(t) FROM shipments t WHERE id = $1) AS shipment, (SELECT row_to_json(t) FROM inventory_items t WHERE id = $2) AS stock,
        (SELECT row_to_json(t) FROM cycle_counts t WHERE id = $3) AS count, (SELECT row_to_json(t) FROM orders t WHERE id = $4) AS order,
        (SELECT row_to_json(t) FROM vehicles t WHERE id = $5) AS vehicle, (SELECT row_to_json(t) FROM devices t WHERE id = $6) AS device,
        (SELECT row_to_json(t) FROM quarantine t WHERE id = $7) AS message, (SELECT row_to_json(t) FROM locations t WHERE id = $8) AS location,
        (SELECT row_to_json(t) FROM handling_units t WHERE id = $9) AS unit, (SELECT json_agg(t) FROM device_messages t WHERE device_id = $6) AS messages,
        (SELECT json_agg(id) FROM facts WHERE subject = 'shipment:' || $1) AS facts`,
      [
        foreign.shipment,
        foreign.stock,
        foreign.count,
        foreign.order,
        foreign.vehicle,
        foreign.device,
        foreign.message,
        foreign.location,
        foreign.unit,
      ],
    );
    return JSON.stringify(rows[0]);
  }

  beforeAll(async () => {
    api = await startApi();
    const token = await api.tokenOf("admin");
    const { rows } = await api.db.pool.query<{ id: number }>("SELECT max(id) AS id FROM users");
    const user = rows[0]!.id;
    const admin = await api.as("admin");
    await admin("POST /items", { sku: "bolt", name: "Bolt" });
    own = await fillSide(api, "own", 1, user);
    foreign = await fillSide(api, "foreign", 1, user);
    const ids = what === "locations" ? [own.location] : [own.owner];
    await api.db.pool.query(`UPDATE users SET ${column} = $2 WHERE id = $1`, [user, `{${ids.join(",")}}`]);
    limited = async (call, body, headers = {}) => {
      const [method, path] = call.split(" ") as [string, string];
      const response = await api.app.request(path, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text.startsWith("{") || text.startsWith("[") ? (JSON.parse(text) as Record<string, unknown>) : {},
      };
    };
    before = await stateOfForeign();
  });
  afterAll(() => api?.close());

  /** Owners do not own places, places are not limited by owner, nor owners by place: then there is nothing foreign to refer to. */
  function isForeign(route: string, refers = ""): boolean {
    if (what === "locations") return !/^\w+ \/parties/.test(route) && !/"owner_id":/.test(refers);
    return (
      !/^\w+ \/(?:locations|packing-scales|analytics\/eta-quality)/.test(route) &&
      !/"(?:location|location_id|destination_id|parent_id)":\d/.test(refers)
    );
  }

  const inOrder = Object.entries(TRIALS).sort(([, a], [, b]) => Number("last" in a) - Number("last" in b));
  test.each(inOrder)("%s", async (route, trial: Trial) => {
    const method = route.split(" ")[0]!;
    switch (trial.kind) {
      case "common":
        return expect(trial.why).not.toBe("");
      case "hidden": {
        const answer = await limited(withIds(route, trial.ids), method === "POST" || method === "PUT" ? {} : undefined);
        expect(answer.status).toBe(404);
        return;
      }
      case "list": {
        const answer = await limited(`${route}?limit=200`);
        const keys = (answer.body as unknown as Array<{ id: unknown }>).map(({ id }) => id);
        expect(keys).toContain(trial.key(own));
        if (isForeign(route)) expect(keys).not.toContain(trial.key(foreign));
        const page = await limited(`${route}?limit=1`);
        const all = keys.length;
        expect(page.headers.get("Link") === null, "there is a next page only of what may be seen").toBe(all <= 1);
        return;
      }
      case "search": {
        const find = async (q: string) => (await limited(`${route}?q=${encodeURIComponent(q)}`)).body;
        for (const [q, kind, id] of trial.finds(own)) {
          expect(await find(q), q).toContainEqual(expect.objectContaining({ kind, id }));
        }
        for (const [q, kind, id] of trial.finds(foreign)) {
          const isHidden = isForeign(
            kind === "location" ? "GET /locations" : kind === "party" ? "GET /parties" : route,
          );
          if (isHidden) expect(await find(q), q).not.toContainEqual(expect.objectContaining({ kind, id }));
        }
        return;
      }
      case "one": {
        const body = trial.body?.(own);
        const unknown = await limited(withIds(route, trial.unknown), body);
        expect(unknown.status).toBe(404);
        if (isForeign(route)) {
          const answer = await limited(withIds(route, trial.ids(foreign)), body);
          expect(comparable(answer)).toEqual(comparable(unknown));
          const conditional = await limited(withIds(route, trial.ids(foreign)), body, {
            "If-Match": '"v999"',
            "If-None-Match": '"v1"',
          });
          expect(conditional.status).toBe(404);
        }
        for (const refers of trial.refers ?? []) {
          await checkReference(withIds(route, trial.ids(own)), route, body ?? {}, refers);
        }
        const answer = await limited(withIds(route, trial.ids(own)), body);
        expect([403, 404], JSON.stringify(answer.body)).not.toContain(answer.status);
        expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(/calibrate|DELETE/.test(route) ? 410 : 300);
        return;
      }
      case "new": {
        for (const refers of trial.refers) await checkReference(route, route, trial.body(own), refers);
        const answer = await limited(route, trial.body(own));
        expect([403, 404], JSON.stringify(answer.body)).not.toContain(answer.status);
        const isOpenAlready = route === "POST /cycle-counts";
        if (!isOpenAlready) expect(answer.status, JSON.stringify(answer.body)).toBe(201);
        return;
      }
    }
  });

  /** What is foreign is refused with the words for what does not exist; what is the principal's own is not. */
  async function checkReference(
    call: string,
    route: string,
    body: Record<string, unknown>,
    refers: (side: Side) => Record<string, unknown>,
  ): Promise<void> {
    const nowhere = Object.fromEntries(Object.keys(own).map((key) => [key, 987_654])) as unknown as Side;
    nowhere.sscc = "000000000000000970";
    if (!isForeign(route, JSON.stringify(refers(foreign)))) return;
    const unknown = await limited(call, { ...body, ...refers(nowhere) });
    const answer = await limited(call, { ...body, ...refers(foreign) });
    expect(answer.status, JSON.stringify(answer.body)).toBe(400);
    expect(comparable(answer)).toEqual(comparable(unknown));
  }

  test("what is foreign was answered like what does not exist, and nothing of it has changed", async () => {
    expect(await stateOfForeign()).toBe(before);
  });
});
