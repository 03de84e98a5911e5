import { expect } from "vitest";
import { ingestApiTest, twoTicks } from "../support/ingest-test.ts";

export type Row = Record<string, unknown>;

/** A product at a place, and what is said of it. */
export const alertTest = ingestApiTest.extend("shop", async ({ api, rig, world, manager, n }) => {
  const location = await world.location(`shop ${n}`, "delivery");
  const item = await world.item(`ALERT-${n}`, 250);
  const added = await manager("POST /inventory-items", { item_id: item, location_id: location, reorder_point: 10 });
  const stock = added.body["id"] as number;
  const subject = `inventory_item:${stock}`;
  const alertsOf = async (query: string) => (await manager(`GET /alerts?${query}`)).body as unknown as Row[];
  return {
    ...{ location, item, stock, subject, alertsOf },
    alerts: (type: string) => alertsOf(`subject=${subject}&type=${type}`),
    set: async (quantity: number) =>
      expect((await manager(`PUT /inventory-items/${stock}`, { quantity })).status).toBe(200),
    /** how many rules find something of it, or have found it and wait */
    findings: async () => {
      const found = "SELECT count(*)::int AS n FROM alert_conditions WHERE subject = $1";
      return (await api.db.pool.query<{ n: number }>(found, [subject])).rows[0]!.n;
    },
    /** what has been found of the place before is judged by now */
    judged: async () => {
      await rig.settled();
      await twoTicks(rig, "alerts");
    },
    /** a rule for this place alone */
    rule: async (type: string, params: object = {}) => {
      const rule = { name: `${type} ${n}`, type, severity: "info", location_ids: [location], params };
      const answer = await manager("POST /alert-rules", rule);
      expect(answer.status).toBe(201);
      return answer.body["id"] as number;
    },
  };
});
