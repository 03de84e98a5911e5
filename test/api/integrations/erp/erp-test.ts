import { expect } from "vitest";
import { createErpRelay } from "../../../../api/integrations/erp/erp-relay.ts";
import { fanOut } from "../../../../api/integrations/relay/fan-out.ts";
import { maskSecrets } from "../../../../infra/runtime/mask-secrets.ts";
import { quiet } from "../../../support/ingest.ts";
import { worldIn } from "../../../support/world.ts";
import { SEALER, startApi } from "../../support.ts";

/** An API with places, and what a test needs to bring it in step with an ERP. */
export async function startErpTest() {
  const api = await startApi({ webhookAllowedHosts: ["127.0.0.1"] });
  const { pool } = api.db;
  const admin = await api.as("admin");
  const world = worldIn(pool);
  const hub = await world.location("hub", "storage");
  const shop = await world.location("shop", "delivery");
  const truck = await world.vehicle("truck");
  const relay = createErpRelay({
    pool,
    sealer: SEALER,
    allowedHosts: ["127.0.0.1"],
    maskSecrets,
    log: quiet,
    companyPrefix: undefined,
    intervalMs: 20,
  });

  /** One pass over a connection, from beginning to end, after everything that has happened is in the log. */
  async function sync(id: number): Promise<Record<string, unknown>> {
    while ((await fanOut(pool)) > 0);
    expect((await admin(`POST /erp/connections/${id}/sync`)).status).toBe(202);
    await relay.tick(new AbortController().signal);
    await relay.ended();
    return stateOf(id);
  }

  async function stateOf(id: number): Promise<Record<string, unknown>> {
    const states = (await admin("GET /erp")).body as unknown as Record<string, unknown>[];
    return states.find((each) => each["id"] === id)!;
  }

  return {
    api,
    pool,
    admin,
    world,
    hub,
    shop,
    truck,
    relay,
    sync,
    stateOf,
    async connect(body: Record<string, unknown>): Promise<number> {
      const { status, body: made } = await admin("POST /erp/connections", body);
      expect(made, JSON.stringify(made)).toMatchObject({ name: body["name"] });
      expect(status).toBe(201);
      return made["id"] as number;
    },
    async list<T = Record<string, unknown>>(path: string): Promise<T[]> {
      const { status, body } = await admin(`GET ${path}`);
      expect(status, JSON.stringify(body)).toBe(200);
      return body as unknown as T[];
    },
    /** An order of a connection, by what it is called there. */
    async orderOf(number: string): Promise<Record<string, unknown>> {
      const orders = (await admin("GET /orders?limit=200")).body as unknown as Record<string, unknown>[];
      return orders.find(({ reference }) => reference === number)!;
    },
    async openConflicts(id: number) {
      return (await admin(`GET /erp/conflicts?state=open&connection_id=${id}`)).body as unknown as ({
        id: number;
        type: string;
      } & Record<string, unknown>)[];
    },
    close: () => api.close(),
  };
}
export type ErpTest = Awaited<ReturnType<typeof startErpTest>>;
