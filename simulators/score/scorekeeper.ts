import type { ApiClient } from "../api-client.ts";
import { idIn, type Settled } from "../platform.ts";
import { pause } from "../pause.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Shelf } from "../world/shelf.ts";
import type { Score } from "./score.ts";
import { createShelfScore, type ShelfAnswer } from "./shelf-score.ts";
import { scoreCrossings, scoreShipments, type ShownEvent, type ShownShipment } from "./shipment-score.ts";
import type { Truth } from "./truth.ts";

export interface ScorekeeperOptions {
  api: ApiClient;
  settled: Settled;
  truth: Truth;
  shelves: readonly Shelf[];
  /** ids of the scales below them, in the same order */
  scales: readonly string[];
  /** the platform's shipments of the pallets booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  seed: number;
}

/** Asks the API while the world runs, as a person at the dashboard would, and holds it to the truth. */
export interface Scorekeeper {
  /** Looks again and again until `running` is over. */
  lookWhile(running: Promise<void>): Promise<void>;
  /** @param endMs when the world stopped, epoch milliseconds */
  finish(endMs: number): Promise<Score>;
}

interface DeviceRow {
  id: string;
  latest: { scale?: { ts: string | number } };
}

interface StockRow {
  item_id: number;
  location_id: number;
  quantity: number;
}

const AT_ONCE = 8;
const LOOK_EVERY_MS = 2_000;
const QUIET_WITHIN_MS = 60_000;

export function createScorekeeper(options: ScorekeeperOptions): Scorekeeper {
  const { api, settled, truth, shelves, scales, shipments, seed } = options;
  const shelfScore = createShelfScore(
    (number) => truth.shelf(number),
    (number) => shelves[number - 1]?.reorderPoint ?? 0,
  );
  const scaleOf = (number: number): string => scales[number - 1] ?? "";
  const prematurely = new Set<number>();
  let deliveredSince = new Date(0).toISOString();
  let changedSince = deliveredSince;

  const heard = async (): Promise<Map<string, number>> => {
    const devices = await api.list<DeviceRow>("/devices");
    return new Map(devices.map(({ id, latest }) => [id, latest.scale ? new Date(latest.scale.ts).getTime() : 0]));
  };

  const askShelves = async (): Promise<ShelfAnswer[]> => {
    const before = await heard();
    const rows = await api.list<StockRow>("/inventory-items");
    const after = await heard();
    const quantities = new Map(rows.map((row) => [`${row.item_id}/${row.location_id}`, row.quantity]));
    return shelves.flatMap((shelf) => {
      const key = `${idIn(settled.items, shelf.product.sku)}/${idIn(settled.locations, shelf.site.name)}`;
      const quantity = quantities.get(key);
      const [from, to] = [before.get(scaleOf(shelf.number)) ?? 0, after.get(scaleOf(shelf.number)) ?? 0];
      return quantity === undefined || from === 0
        ? []
        : [{ shelf: shelf.number, quantity, heard: [from, to] as const }];
    });
  };

  /** Nobody may be shown a delivery, not even for a moment, that has not taken place. */
  const checkDeliveries = async (): Promise<void> => {
    const asked = deliveredSince;
    const rows = await api.list<{ id: number; updated_at: string }>(
      `/shipments?status=delivered&updated_since=${encodeURIComponent(asked)}`,
    );
    const pallets = new Map([...shipments].map(([pallet, id]) => [id, pallet]));
    for (const { id, updated_at } of rows) {
      const pallet = pallets.get(id);
      if (pallet && truth.pallets.get(pallet)?.deliveredAt === undefined) prematurely.add(id);
      if (updated_at > deliveredSince) deliveredSince = updated_at;
    }
  };

  /** What comes late is worked in after it is stored: waits until no shipment changes any more. */
  const quiet = async (): Promise<void> => {
    const deadline = Date.now() + QUIET_WITHIN_MS;
    for (let still = 0; still < 2 && Date.now() < deadline;) {
      const before = changedSince;
      const rows = await api.list<{ updated_at: string }>(`/shipments?updated_since=${encodeURIComponent(before)}`);
      changedSince = rows.reduce((newest, { updated_at }) => (updated_at > newest ? updated_at : newest), before);
      still = changedSince === before ? still + 1 : 0;
      await pause(LOOK_EVERY_MS);
    }
    await checkDeliveries();
  };

  const askStories = async (): Promise<ShownShipment[]> => {
    const booked = [...shipments];
    const shown: ShownShipment[] = [];
    const next = async (): Promise<void> => {
      for (let one = booked.pop(); one; one = booked.pop()) {
        const [pallet, id] = one;
        const known = truth.pallets.get(pallet);
        if (known) shown.push({ id, truth: known, events: await api.get<ShownEvent[]>(`/shipments/${id}/events`) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return shown.sort((a, b) => a.id - b.id);
  };

  const look = async (): Promise<void> => {
    for (const answer of await askShelves()) shelfScore.take(answer);
    await checkDeliveries();
  };

  return {
    async lookWhile(running) {
      const over = new AbortController();
      const looking = async (): Promise<void> => {
        while (!over.signal.aborted) {
          await look();
          await pause(LOOK_EVERY_MS, over.signal);
        }
      };
      const ended = running.finally(() => over.abort());
      await Promise.all([ended, looking()]);
    },
    async finish(endMs) {
      await quiet();
      const shown = await askStories();
      const names = new Map([...settled.vehicles].map(([name, id]) => [id, name]));
      return {
        seed,
        shipments: scoreShipments(shown, endMs),
        shownDeliveredTooEarly: [...prematurely],
        crossings: scoreCrossings(shown, truth, (id) => names.get(id), endMs),
        shelves: shelfScore.result(await askShelves()),
      };
    },
  };
}
