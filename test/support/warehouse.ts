import { withCheckDigit } from "../../ingest/domain/gs1/check-digit.ts";
import { ingestTest } from "./ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

/** Tests of hand scanners in a store. */
export const warehouseTest = ingestTest.extend("warehouse", ({ db, rig, world, n }) => {
  /** A store with a product in stock, and a hand scanner there. */
  return async () => {
    const store = await world.location(`store ${n}`, "storage");
    const other = await world.location(`other ${n}`, "storage");
    const item = await world.item(`BOLT-${n}`);
    const gtin = withCheckDigit(`0952110${String(100_000 + n)}`);
    await db.pool.query("UPDATE items SET gtin = $2 WHERE id = $1", [item, gtin.slice(1)]);
    const stock = await world.stock(item, store);
    const scanner = await world.device(`hand-${n}`, "scan", { location_id: store });
    const second = await world.device(`hand2-${n}`, "scan", { location_id: store });
    const level = async (id = stock): Promise<number> =>
      (await db.pool.query("SELECT quantity FROM inventory_items WHERE id = $1", [id])).rows[0]?.quantity;
    const stockAt = async (location: number): Promise<number | undefined> =>
      (await db.pool.query("SELECT id FROM inventory_items WHERE item_id = $1 AND location_id = $2", [item, location]))
        .rows[0]?.id;
    const quarantined = async (device = scanner): Promise<string[]> => {
      const { rows } = await db.pool.query("SELECT reason FROM quarantine WHERE device_id = $1 ORDER BY id", [device]);
      return rows.map(({ reason }) => reason);
    };
    /** what the device was told, in order */
    const told = async (device = scanner): Promise<{ reason: string; detail: string }[]> => {
      const { rows } = await db.pool.query(
        "SELECT e AS error FROM device_messages m, jsonb_array_elements(m.payload -> 'errors') e WHERE device_id = $1 ORDER BY m.id",
        [device],
      );
      return rows.map(({ error }) => ({ reason: error.reason, detail: error.detail }));
    };
    let second_ = 0;
    const scan = async (code: string, content: object = {}, device = scanner) => {
      second_ += 1;
      await rig.publish(`devices/${device}/scan`, { ts: T + second_ * 1000, code, action: "receive", ...content });
      await rig.settled();
    };
    return {
      n,
      db,
      rig,
      world,
      store,
      other,
      item,
      gtin,
      stock,
      scanner,
      second,
      level,
      stockAt,
      quarantined,
      told,
      scan,
    };
  };
});
