import type { Pool } from "pg";
import { decideShipments } from "../decisions/shipments.ts";
import { inTransaction } from "../decisions/transactions.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { takeUnderived } from "../stores/queries/rollups/stays-to-derive.ts";
import { loadShipmentHistories } from "../stores/queries/shipment-history.ts";
import { runWrites } from "../stores/statement.ts";
import { lockVersions } from "../stores/writes/facts.ts";
import { writeStays } from "../stores/writes/shipments.ts";

/** Few: with their versions the commits of what happens now wait for them. */
const BATCH_SIZE = 50;

/**
 * Derives the stays of shipments from before there were stays. Nothing else of them is written: their rows, and what was told of them,
 * stay as they are. @returns whether there may be more
 */
export async function deriveStays(pool: Pool): Promise<boolean> {
  // Mostly there is nothing: that takes no lock and no transaction.
  const { rows } = await pool.query({ name: "look_for_underived_stays", text: "SELECT FROM stays_to_derive LIMIT 1" });
  if (rows.length === 0) return false;
  return inTransaction(pool, async (client) => {
    const shipmentIds = await takeUnderived(client, BATCH_SIZE);
    if (shipmentIds.length === 0) return false;
    const query = { shipmentIds, tags: [], vehicleTimes: [], loadings: [], readsAboard: [] };
    const histories = await loadShipmentHistories(client, query, []);
    const { foldedIds, stays } = decideShipments(
      histories,
      { added: [], withdrawn: [] },
      await loadPlaces(client),
      new Map(),
    );
    await runWrites(client, [lockVersions(histories.versions), ...writeStays(foldedIds, stays)]);
    return shipmentIds.length === BATCH_SIZE;
  });
}
