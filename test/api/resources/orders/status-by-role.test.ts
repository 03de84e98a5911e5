import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Role, ROLES } from "../../../../api/auth/roles.ts";
import { addClient, tokenOfClient } from "../../auth/client-support.ts";
import { startApi, type TestApi } from "../../support.ts";

type Caller = Awaited<ReturnType<TestApi["as"]>>;

let api: TestApi;
let admin: Caller;
let itemId: number;
const callers = new Map<Role, Caller>();
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  for (const role of ROLES) callers.set(role, await api.as(role));
  itemId = (await admin("POST /items", { sku: "TEA", name: "Tea" })).body["id"] as number;
});
afterAll(() => api?.close());

const STEPS = {
  customer: ["approved", "picking", "packed", "shipped", "closed"],
  restock: ["approved", "sent", "partial", "received", "closed"],
  transfer: ["approved", "picking", "packed", "shipped", "partial", "received", "closed"],
  return: ["approved", "partial", "received", "closed"],
} as const;
type Kind = keyof typeof STEPS;
const KINDS = Object.keys(STEPS) as Kind[];

const OF_GOODS = ["picking", "packed", "shipped", "partial", "received"];
const MANAGERS: readonly Role[] = ["manager", "admin"];

/** Who may set a status: managers all; operators all but those of restock orders; sales, of what they sell, those that move no goods. */
function maySet(role: Role, kind: Kind, status: string): boolean {
  if (MANAGERS.includes(role)) return true;
  if (role === "operator") return kind !== "restock";
  return role === "sales" && (kind === "customer" || kind === "return") && !OF_GOODS.includes(status);
}

/** An order of this person, where it may place one. */
async function orderOf(call: Caller, kind: Kind): Promise<number> {
  const body = { kind, lines: [{ item_id: itemId, quantity: 2 }] };
  const own = await call("POST /orders", body);
  return (own.status === 201 ? own : await admin("POST /orders", body)).body["id"] as number;
}

describe.each(ROLES)("as %s", (role) => {
  test.each(KINDS)("the status of a %s order", async (kind) => {
    const call = callers.get(role)!;
    const id = await orderOf(call, kind);
    let before = "draft";
    for (const status of STEPS[kind]) {
      const offered = (await call(`GET /orders/${id}`)).body["next_statuses"] as string[];
      expect(offered.includes(status), `${before}: ${offered.join()}`).toBe(
        role !== "sales" || !OF_GOODS.includes(status),
      );
      const answer = await call(`PUT /orders/${id}`, { status });
      if (maySet(role, kind, status)) expect(answer.body, `to ${status}`).toMatchObject({ status });
      else {
        expect(answer.status, `to ${status}`).toBe(403);
        expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
        expect((await admin(`GET /orders/${id}`)).body).toMatchObject({ status: before });
        expect((await admin(`PUT /orders/${id}`, { status })).body).toMatchObject({ status });
      }
      before = status;
    }
  });
});

test("sales are told why in plain words, and what they were refused stands in the audit", async () => {
  const sales = await api.as("sales");
  const id = await orderOf(sales, "customer");
  const reason = "only those who handle goods may set an order to picking";
  // Also where the status could not follow.
  const early = await sales(`PUT /orders/${id}`, { status: "picking" });
  expect(early).toMatchObject({ status: 403, body: { title: "Forbidden", detail: reason } });
  await sales(`PUT /orders/${id}`, { status: "approved" });
  const next = await sales(`PUT /orders/${id}`, { status: "picking", reference: "A" });
  expect(next).toMatchObject({ status: 403, body: { detail: reason } });
  expect((await sales(`GET /orders/${id}`)).body).toMatchObject({ status: "approved", reference: null });
  const audit = await admin(`GET /audit?outcome=refused&subject=${encodeURIComponent(`/orders/${id}`)}`);
  const refused = { action: "PUT", outcome: "refused", detail: { reason, request_id: expect.any(String) } };
  expect(audit.body).toMatchObject([refused, refused]);
});

test("sales change, reserve, cancel and close orders whatever others do with the goods", async () => {
  const sales = await api.as("sales");
  const id = await orderOf(sales, "customer");
  await sales(`PUT /orders/${id}`, { status: "approved" });
  await admin(`PUT /orders/${id}`, { status: "picking" });
  // The same status again moves nothing.
  const changed = await sales(`PUT /orders/${id}`, { status: "picking", reference: "A" });
  expect(changed).toMatchObject({ status: 200, body: { reference: "A", next_statuses: ["cancelled"] } });
  const refused = await sales(`PUT /orders/${id}`, { status: "closed" });
  expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/; allowed: cancelled$/) } });
  expect((await sales(`PUT /orders/${id}`, { status: "cancelled" })).body).toMatchObject({ status: "cancelled" });
  const returned = await orderOf(sales, "return");
  for (const status of ["approved", "partial"]) await admin(`PUT /orders/${returned}`, { status });
  // It is not over: others receive the rest.
  expect((await sales(`GET /orders/${returned}`)).body).toMatchObject({ status: "partial", next_statuses: [] });
  await admin(`PUT /orders/${returned}`, { status: "received" });
  expect((await sales(`PUT /orders/${returned}`, { status: "closed" })).body).toMatchObject({ status: "closed" });
});

test("what sales read of orders offers the same in each answer", async () => {
  const sales = await api.as("sales");
  const placed = await sales("POST /orders", { kind: "customer", lines: [{ item_id: itemId, quantity: 2 }] });
  const id = placed.body["id"] as number;
  expect(placed.body).toMatchObject({ next_statuses: ["approved", "cancelled"] });
  const approved = await sales(`PUT /orders/${id}`, { status: "approved" });
  expect(approved.body).toMatchObject({ next_statuses: ["cancelled"] });
  const list = (await sales("GET /orders?status=approved&limit=200")).body as unknown as { id: number }[];
  expect(list.find((each) => each.id === id)).toMatchObject({ next_statuses: ["cancelled"] });
  expect((await admin(`GET /orders/${id}`)).body).toMatchObject({ next_statuses: ["picking", "cancelled"] });
  // The audit tells what was done, for all who read it.
  const { body } = await admin(`GET /audit?action=${encodeURIComponent("PUT /orders/{id}")}&subject=/orders/${id}`);
  expect(body).toMatchObject([{ detail: { after: { status: "approved", next_statuses: ["picking", "cancelled"] } } }]);
});

test.for([
  ["sales", 403],
  ["operator", 200],
] as const)("a system with the role %s gets %i", async ([role, status]) => {
  const token = await tokenOfClient(api, await addClient(admin, { role }));
  const call = async (method: string, path: string, body: object) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const response = await api.app.request(path, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const { body } = await call("POST", "/orders", { kind: "customer", lines: [{ item_id: itemId, quantity: 1 }] });
  const path = `/orders/${String(body["id"])}`;
  expect((await call("PUT", path, { status: "approved" })).status).toBe(200);
  expect((await call("PUT", path, { status: "picking" })).status).toBe(status);
});
