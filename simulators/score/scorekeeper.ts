import type { Logger } from "pino";
import type { ApiClient } from "../api-client.ts";
import { followStream } from "../live-stream.ts";
import { pause } from "../pause.ts";
import { idIn, type Settled } from "../platform.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Shelf } from "../world/shelf.ts";
import type { Score } from "./score.ts";
import { createShelfKeeper, type ShelfAnswer } from "./shelf-score.ts";
import { scoreCrossings, scoreShipments, type ShownEvent, type ShownShipment } from "./shipment-score.ts";
import type { Truth } from "./truth.ts";

export interface ScorekeeperOptions {
  api: ApiClient;
  /** of the API, and what opens its live stream */
  stream: { url: string; token: () => Promise<string> };
  settled: Settled;
  truth: Truth;
  shelves: readonly Shelf[];
  /** ids of the scales below them, in the same order */
  scales: readonly string[];
  /** the platform's shipments of the pallets booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  seed: number;
  log: Logger;
  /** ends the watching when the run is stopped */
  signal: AbortSignal;
}

/** Watches the live stream while the world runs, as a dashboard does, and holds it and the API to the truth. */
export interface Scorekeeper {
  /** Watches until `running` is over. */
  watchWhile(running: Promise<void>): Promise<void>;
  /** @param endMs when the world stopped, epoch milliseconds */
  finish(endMs: number): Promise<Score>;
}

interface DeviceRow {
  id: string;
  latest: { scale?: { ts: string | number } };
}

interface StockRow {
  id: number;
  item_id: number;
  location_id: number;
  quantity: number;
  available: number;
  measured_at: string | null;
}

interface ShipmentRow {
  id: number;
  status: string;
  updated_at: string;
}

const AT_ONCE = 8;
/** Of one shelf after the other. */
const LOOK_EVERY_MS = 50;
const STILL_FOR_MS = 2_000;
const QUIET_WITHIN_MS = 60_000;

export function createScorekeeper(options: ScorekeeperOptions): Scorekeeper {
  const { api, settled, truth, shelves, scales, shipments, seed, log, signal } = options;
  const keeper = createShelfKeeper(
    (number) => truth.shelf(number),
    (number) => shelves[number - 1]?.reorderPoint ?? 0,
  );
  const shelfNumbers = new Map(
    shelves.map(({ number, product, site }) => [
      `${idIn(settled.items, product.sku)}/${idIn(settled.locations, site.name)}`,
      number,
    ]),
  );
  const shelfOf = (row: StockRow): number | undefined => shelfNumbers.get(`${row.item_id}/${row.location_id}`);
  const prematurely = new Set<number>();
  let changedSince = new Date(0).toISOString();

  const showStock = (rows: readonly StockRow[]): void => {
    for (const row of rows) {
      const shelf = shelfOf(row);
      // Until its scale was heard a shelf is empty paper: it says nothing of what is there.
      if (shelf === undefined || row.measured_at === null) continue;
      keeper.show({ shelf, ...row, measuredAt: Date.parse(row.measured_at) });
    }
  };

  /** Nobody may be shown a delivery, not even for a moment, that has not taken place. */
  const showShipments = (rows: readonly ShipmentRow[]): void => {
    const delivered = rows.filter(({ status }) => status === "delivered");
    if (delivered.length === 0) return;
    const pallets = new Map([...shipments].map(([pallet, id]) => [id, pallet]));
    for (const { id } of delivered) {
      const pallet = pallets.get(id);
      if (pallet && truth.pallets.get(pallet)?.deliveredAt === undefined) prematurely.add(id);
    }
  };

  const readAll = async (): Promise<void> => {
    showStock(await api.list<StockRow>("/inventory-items"));
    showShipments(await api.list<ShipmentRow>("/shipments?status=delivered"));
  };

  const over = new AbortController();
  const watch = async (): Promise<void> => {
    let reading: Promise<void> = Promise.resolve();
    await followStream({
      ...options.stream,
      topics: ["shipments", "stock"],
      onRows: (topic, rows) =>
        topic === "stock" ? showStock(rows as StockRow[]) : showShipments(rows as ShipmentRow[]),
      onGap: () => {
        reading = reading.then(readAll).catch((error: unknown) => log.warn({ err: error }, "could not be read anew"));
      },
      onTrouble: (reason) => log.warn({ reason }, "the live stream was cut"),
      signal: AbortSignal.any([signal, over.signal]),
    });
    await reading;
  };

  const heardOf = async (shelf: number): Promise<number> => {
    const { latest } = await api.get<DeviceRow>(`/devices/${encodeURIComponent(scales[shelf - 1] ?? "")}`);
    return new Date(latest.scale?.ts ?? 0).getTime();
  };

  /** @param stockId of the platform; undefined when its scale was never heard */
  const askShelf = async (shelf: number, stockId: number): Promise<ShelfAnswer | undefined> => {
    const from = await heardOf(shelf);
    const { quantity } = await api.get<StockRow>(`/inventory-items/${stockId}`);
    return from === 0 ? undefined : { shelf, quantity, heard: [from, await heardOf(shelf)] };
  };

  /** the platform's stock positions, by the number of their shelf */
  const positions = async (): Promise<[shelf: number, stockId: number][]> =>
    (await api.list<StockRow>("/inventory-items")).flatMap((row) => {
      const shelf = shelfOf(row);
      return shelf === undefined ? [] : [[shelf, row.id] as [number, number]];
    });

  /** How a person walks along the shelves and compares: one after the other, again and again. */
  const lookAround = async (over: AbortSignal): Promise<void> => {
    const all = await positions();
    for (let turn = 0; !over.aborted && all.length > 0; turn += 1) {
      const [shelf, stockId] = all[turn % all.length]!;
      const answer = await askShelf(shelf, stockId);
      if (answer) keeper.take(answer);
      await pause(LOOK_EVERY_MS, over);
    }
  };

  /** Does `task` for each of them, some at a time. */
  const eachOf = async <T>(all: readonly T[], task: (one: T) => Promise<void>): Promise<void> => {
    const open = [...all];
    const next = async (): Promise<void> => {
      for (let one = open.pop(); one !== undefined; one = open.pop()) await task(one);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  };

  const lastAnswers = async (): Promise<ShelfAnswer[]> => {
    const answers: ShelfAnswer[] = [];
    await eachOf(await positions(), async ([shelf, stockId]) => {
      const answer = await askShelf(shelf, stockId);
      if (answer) answers.push(answer);
    });
    return answers;
  };

  /** What comes late is worked in after it is stored: waits until no shipment changes any more. */
  const quiet = async (): Promise<void> => {
    const deadline = Date.now() + QUIET_WITHIN_MS;
    for (let still = 0; still < 2 && Date.now() < deadline;) {
      const before = changedSince;
      const rows = await api.list<ShipmentRow>(`/shipments?updated_since=${encodeURIComponent(before)}`);
      changedSince = rows.reduce((newest, { updated_at }) => (updated_at > newest ? updated_at : newest), before);
      still = changedSince === before ? still + 1 : 0;
      await pause(STILL_FOR_MS);
    }
  };

  const askStories = async (): Promise<ShownShipment[]> => {
    const shown: ShownShipment[] = [];
    await eachOf([...shipments], async ([pallet, id]) => {
      const known = truth.pallets.get(pallet);
      if (known) shown.push({ id, truth: known, events: await api.get<ShownEvent[]>(`/shipments/${id}/events`) });
    });
    return shown.sort((a, b) => a.id - b.id);
  };

  let watching: Promise<void> | undefined;

  return {
    async watchWhile(running) {
      watching = watch();
      const ended = new AbortController();
      const done = running.finally(() => ended.abort());
      try {
        await Promise.all([done, lookAround(ended.signal)]);
      } catch (error) {
        over.abort();
        throw error;
      }
    },
    async finish(endMs) {
      await quiet();
      over.abort();
      await watching;
      await readAll();
      const shown = await askStories();
      const names = new Map([...settled.vehicles].map(([name, id]) => [id, name]));
      return {
        seed,
        shipments: scoreShipments(shown, endMs),
        shownDeliveredTooEarly: [...prematurely],
        crossings: scoreCrossings(shown, truth, (id) => names.get(id), endMs),
        shelves: keeper.result(await lastAnswers()),
      };
    },
  };
}
