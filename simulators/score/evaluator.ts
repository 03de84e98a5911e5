import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { followStream } from "../platform/live-stream.ts";
import { pause } from "../run/pause.ts";
import { idIn, type Settled } from "../platform/seed.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Shelf } from "../world/shelf.ts";
import type { Score } from "./score.ts";
import { settled as isSettled } from "./quiescence.ts";
import { scoreShelfHistory, type ShelfStory, type ToldCount } from "./shelf-history.ts";
import { lookAtShelves, type StockRow } from "./shelf-looks.ts";
import { createShelfKeeper } from "./shelf-score.ts";
import { scoreCrossings, scoreShipments, type ShownEvent, type ShownShipment } from "./shipment-score.ts";
import type { Stage, Truth } from "./ground-truth.ts";

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
  /** when the world begins, epoch milliseconds */
  beganMs: number;
  log: Logger;
  /** ends the watching when the run is stopped */
  signal: AbortSignal;
}

/** Watches the live stream while the world runs, as a dashboard does, and holds it and the API to the truth. */
export interface Scorekeeper {
  /** Watches until `running` is over. */
  watchWhile(running: Promise<void>): Promise<void>;
  /** Resolves when the platform is at most a little behind the world, which stands at `worldNow` (epoch milliseconds). */
  keepPace(worldNow: number): Promise<void>;
  /** @param endMs when the world stopped, epoch milliseconds */
  finish(endMs: number): Promise<Score>;
}

interface ShipmentRow {
  id: number;
  status: string;
  stage: Stage;
}

const AT_ONCE = 8;
/** Between two walks along the shelves. */
const LOOK_EVERY_MS = 250;
/** So far the world may be ahead of what was last seen of it, simulated milliseconds: looks are never rarer. */
const LEAD_MS = 120_000;
const PACE_MS = 20;
/** A slow machine may take so long over what came late at the end. */
const SETTLED_WITHIN_MS = 600_000;

export function createScorekeeper(options: ScorekeeperOptions): Scorekeeper {
  const { api, truth, shelves, scales, shipments, seed, log, signal, beganMs } = options;
  const { items, locations, vehicles } = options.settled;
  const keeper = createShelfKeeper(
    (number) => truth.shelf(number),
    (number) => shelves[number - 1]?.reorderPoint ?? 0,
  );
  const shelfNumbers = new Map(
    shelves.map(({ number, product, site }) => [`${idIn(items, product.sku)}/${idIn(locations, site.name)}`, number]),
  );
  const shelfOf = (row: StockRow): number | undefined => shelfNumbers.get(`${row.item_id}/${row.location_id}`);
  const prematurely = new Set<number>();

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

  let heardUntil = -Infinity;
  let waitedMs = 0;
  const look = () => lookAtShelves(api, scales, shelfOf);

  /** How a person walks along the shelves and compares, again and again. */
  const lookAround = async (over: AbortSignal): Promise<void> => {
    while (!over.aborted && scales.length > 0) {
      const seen = await look();
      for (const answer of seen.answers) keeper.take(answer);
      heardUntil = seen.heardUntil;
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

  const askHistories = async (stockIds: ReadonlyMap<number, number>): Promise<ShelfStory[]> => {
    const stories: ShelfStory[] = [];
    await eachOf(shelves, async ({ number: shelf, reorderPoint }) => {
      const id = stockIds.get(shelf);
      const counts = id === undefined ? [] : await api.list<ToldCount>(`/inventory-items/${id}/events?type=counted`);
      stories.push({ shelf, reorderPoint, counts, truths: truth.shelf(shelf) });
    });
    return stories.sort((a, b) => a.shelf - b.shelf);
  };

  const askStories = async (): Promise<ShownShipment[]> => {
    const shown: ShownShipment[] = [];
    const stages = new Map((await api.list<ShipmentRow>("/shipments")).map(({ id, stage }) => [id, stage]));
    await eachOf([...shipments], async ([pallet, id]) => {
      const known = truth.pallets.get(pallet);
      if (!known) return;
      const events = await api.get<ShownEvent[]>(`/shipments/${id}/events`);
      shown.push({ id, truth: known, stage: stages.get(id), events });
    });
    return shown.sort((a, b) => a.id - b.id);
  };

  let watching: Promise<void> | undefined;
  const ended = new AbortController();

  return {
    async watchWhile(running) {
      watching = watch();
      const done = running.finally(() => ended.abort());
      try {
        await Promise.all([done, lookAround(ended.signal)]);
      } catch (error) {
        ended.abort();
        over.abort();
        throw error;
      }
    },
    async keepPace(worldNow) {
      const began = performance.now();
      const isAhead = () => scales.length > 0 && worldNow - Math.max(heardUntil, beganMs) > LEAD_MS;
      if (!isAhead()) return;
      while (isAhead() && !ended.signal.aborted && !signal.aborted) await pause(PACE_MS);
      waitedMs += performance.now() - began;
    },
    async finish(endMs) {
      const settled = await isSettled(api, SETTLED_WITHIN_MS);
      over.abort();
      await watching;
      await readAll();
      const shown = await askStories();
      const { answers } = await look();
      const histories = await askHistories(new Map(answers.map(({ shelf, stockId }) => [shelf, stockId])));
      const names = new Map([...vehicles].map(([name, id]) => [id, name]));
      return {
        seed,
        shipments: scoreShipments(shown, endMs),
        shownDeliveredTooEarly: [...prematurely],
        crossings: scoreCrossings(shown, truth, (id) => names.get(id), endMs),
        shelves: keeper.result(answers),
        shelfHistory: scoreShelfHistory(histories, endMs),
        waitedMs,
        settled,
      };
    },
  };
}
