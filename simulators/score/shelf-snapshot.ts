import type { ApiClient } from "../platform/api-client.ts";
import type { ShelfAnswer } from "./shelf-score.ts";

interface ScaleRow {
  id: string;
  latest: { scale?: { ts: string | number } };
}

/** A stock position as the API shows it. */
export interface StockRow {
  id: number;
  item_id: number;
  location_id: number;
  quantity: number;
  available: number;
  measured_at: string | null;
}

/** The API's quantities of all shelves at one time. */
export interface ShelfSnapshot {
  /** of shelves whose scale has reported */
  answers: (ShelfAnswer & { stockId: number })[];
  /** newest reading of any scale, epoch milliseconds; 0: none */
  lastReadingMs: number;
}

/**
 * Reads the quantities of all shelves, and before and after them the times of the scales' last readings.
 * @param scales ids of the scales; index = shelf number − 1
 */
export async function readShelves(
  api: ApiClient,
  scales: readonly string[],
  shelfOf: (row: StockRow) => number | undefined,
): Promise<ShelfSnapshot> {
  const before = await heard(api);
  const rows = await api.list<StockRow>("/inventory-items");
  const after = await heard(api);
  const answers = rows.flatMap((row) => {
    const shelf = shelfOf(row);
    const scale = scales[(shelf ?? 0) - 1];
    if (shelf === undefined || scale === undefined) return [];
    const [from, to] = [before.get(scale) ?? 0, after.get(scale) ?? 0];
    return from === 0 ? [] : [{ shelf, stockId: row.id, quantity: row.quantity, readingWindow: [from, to] as const }];
  });
  return { answers, lastReadingMs: Math.max(0, ...scales.map((scale) => after.get(scale) ?? 0)) };
}

/** Time of the last reading the platform has of each scale, epoch milliseconds. */
async function heard(api: ApiClient): Promise<Map<string, number>> {
  const rows = await api.list<ScaleRow>("/devices?kind=scale");
  return new Map(rows.map(({ id, latest }) => [id, new Date(latest.scale?.ts ?? 0).getTime()]));
}
