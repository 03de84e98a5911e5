import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.close());

test("what is void is not told to a stranger who follows the goods", async () => {
  const manager = await api.as("manager");
  const made = async (path: string, body: object) => (await manager(`POST ${path}`, body)).body;
  const depot = (await made("/locations", { name: "Depot", stage: "storage" }))["id"];
  const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const { id } = await made("/shipments", { product_name: "Goods", quantity: 1, location: depot, at: at(60) });
  const path = `/shipments/${Number(id)}`;
  const { token } = (await made(`${path}/tracking-links`, {})) as { token: string };
  const followed = async () => {
    const client = { incoming: { socket: { remoteAddress: "203.0.113.9" } } };
    return (await api.app.request(`/track/${token}.json`, {}, client)).json() as Promise<object>;
  };
  expect((await manager(`POST ${path}/proof-of-delivery`, { name: "Ann", at: at(30) })).status).toBe(200);
  expect(await followed()).toMatchObject({ status: "delivered" });

  const events = (await manager(`GET ${path}/events`)).body as unknown as { id: number; type: string }[];
  const { id: proof } = events.find(({ type }) => type === "proof")!;
  expect((await manager(`POST ${path}/events/${proof}/void`, { reason: "signed for another one" })).status).toBe(200);
  expect(await followed()).toMatchObject({ status: "in_storage", stages: [{ stage: "storage" }] });
});
