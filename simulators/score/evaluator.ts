import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { forEachConcurrently } from "../platform/concurrently.ts";
import { followStream } from "../platform/live-stream.ts";
import { pause } from "../run/pause.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import type { Pallet } from "../world/pallet.ts";
import type { Shelf } from "../world/shelf.ts";
import type { BookedBox } from "../run/book-cold-boxes.ts";
import { type AlertRow, createAlertEvaluator, type OnItsWay } from "./alert-score.ts";
import { readConditions } from "./conditions-score.ts";
import type { Score } from "./score.ts";
import type { Jam } from "../world/jam.ts";
import { readBottlenecks } from "./bottleneck-score.ts";
import { scoreHandling } from "./handling-score.ts";
import { waitForQuiescence } from "./quiescence.ts";
import { readRestock } from "./restock-score.ts";
import { scoreShelfHistory, type ShelfHistory, type ReportedCount } from "./shelf-history.ts";
import { readShelves, type StockRow } from "./shelf-snapshot.ts";
import { createShelfEvaluator } from "./shelf-score.ts";
import { scoreCrossings, scoreShipments, type ReportedEvent, type ReportedShipment } from "./shipment-score.ts";
import { type PlannedLoad, readVerification } from "./verification-score.ts";
import type { Stage, GroundTruth } from "./ground-truth.ts";

export interface EvaluatorOptions {
  api: ApiClient;
  /** URL of the API, and the token source for its live stream */
  stream: { url: string; token: () => Promise<string> };
  provisioned: ProvisionedWorld;
  truth: GroundTruth;
  /** where goods are held up, if they are */
  jam: Jam | undefined;
  shelves: readonly Shelf[];
  /** ids of the scales, in the order of `shelves` */
  scales: readonly string[];
  /** the platform's shipment ids of the pallets booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  coldBoxes: readonly BookedBox[];
  /** plans of trips, with what was planted in them */
  loads: readonly PlannedLoad[];
  seed: number;
  /** by how much the clock of a device may be wrong, milliseconds */
  clockErrorMs: number;
  /** start of simulated time, epoch milliseconds */
  beganMs: number;
  log: Logger;
  /** aborted when the run is stopped */
  signal: AbortSignal;
}

/** Compares the live stream (while the world runs) and the API's answers with the ground truth. */
export interface Evaluator {
  /** Observes the platform until `running` settles. */
  observeDuring(running: Promise<void>): Promise<void>;
  /** Resolves when the platform is at most `MAX_LEAD_MS` behind `worldNow` (epoch milliseconds). */
  waitForPlatform(worldNow: number): Promise<void>;
  /** @param endMs end of simulated time, epoch milliseconds */
  finish(endMs: number): Promise<Omit<Score, "promises">>;
}

interface ShipmentRow {
  id: number;
  status: string;
  stage: Stage;
  location_id: number | null;
}

/** Time between two snapshots of the shelves. */
const SNAPSHOT_INTERVAL_MS = 250;
/** The world may be this far ahead of the last snapshot, simulated milliseconds. */
const MAX_LEAD_MS = 120_000;
const POLL_MS = 20;
/** Limit for processing the late data at the end; generous for slow machines. */
const QUIESCENCE_TIMEOUT_MS = 600_000;

export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { api, truth, shelves, scales, shipments, seed, log, signal, beganMs } = options;
  const { items, locations, vehicles } = options.provisioned;
  const shelfEvaluator = createShelfEvaluator(
    (number) => truth.shelf(number),
    (number) => shelves[number - 1]?.reorderPoint ?? 0,
    options.clockErrorMs,
  );
  const alertEvaluator = createAlertEvaluator(
    (number) => truth.shelf(number),
    (number) => shelves[number - 1]?.reorderPoint ?? 0,
    (number) => onItsWayTo(truth, shelves[number - 1]),
    options.clockErrorMs,
  );
  const shelfNumbers = new Map(
    shelves.map(({ number, product, site }) => [`${idOf(items, product.sku)}/${idOf(locations, site.name)}`, number]),
  );
  const shelfOf = (row: StockRow): number | undefined => shelfNumbers.get(`${row.item_id}/${row.location_id}`);
  const placeNames = new Map([...locations].map(([name, id]) => [id, name]));
  const placeOf = (id: number) => placeNames.get(id);
  const prematureDeliveries = new Set<number>();

  const checkStock = (rows: readonly StockRow[]): void => {
    for (const row of rows) {
      const shelf = shelfOf(row);
      // Before the first weight of its scale the quantity of a shelf means nothing.
      if (shelf === undefined || row.measured_at === null) continue;
      shelfEvaluator.addLiveStock({ shelf, ...row, measuredAt: Date.parse(row.measured_at) });
      alertEvaluator.addLiveStock({ shelf, stockId: row.id, available: row.available }, performance.now());
    }
  };

  /** The live stream must never show a shipment as delivered before its delivery. */
  const checkShipments = (rows: readonly ShipmentRow[]): void => {
    const delivered = rows.filter(({ status }) => status === "delivered");
    if (delivered.length === 0) return;
    const pallets = new Map([...shipments].map(([pallet, id]) => [id, pallet]));
    for (const { id } of delivered) {
      const pallet = pallets.get(id);
      if (pallet && truth.pallets.get(pallet)?.deliveredAt === undefined) prematureDeliveries.add(id);
    }
  };

  const checkAlerts = (rows: readonly AlertRow[]): void => {
    for (const row of rows) alertEvaluator.addAlert(row, performance.now());
  };

  const readAll = async (): Promise<void> => {
    checkAlerts(await api.list<AlertRow>("/alerts?active=true"));
    checkStock(await api.list<StockRow>("/inventory-items"));
    checkShipments(await api.list<ShipmentRow>("/shipments?status=delivered"));
  };

  const streamEnd = new AbortController();
  const followLiveStream = async (): Promise<void> => {
    let reading: Promise<void> = Promise.resolve();
    await followStream({
      ...options.stream,
      topics: ["shipments", "stock", "alerts"],
      onRows(topic, rows) {
        if (topic === "stock") checkStock(rows as StockRow[]);
        else if (topic === "alerts") checkAlerts(rows as AlertRow[]);
        else checkShipments(rows as ShipmentRow[]);
      },
      onReset: () => {
        reading = reading
          .then(readAll)
          .catch((error: unknown) => log.warn({ err: error }, "reading everything again failed"));
      },
      onDisconnect: (reason) => log.warn({ reason }, "live stream disconnected"),
      signal: AbortSignal.any([signal, streamEnd.signal]),
    });
    await reading;
  };

  let lastReadingMs = -Infinity;
  let waitedMs = 0;
  const takeSnapshot = () => readShelves(api, scales, shelfOf);

  /** Compares snapshots of all shelves with the truth until aborted. */
  const pollShelves = async (over: AbortSignal): Promise<void> => {
    while (!over.aborted && scales.length > 0) {
      const seen = await takeSnapshot();
      for (const answer of seen.answers) shelfEvaluator.addAnswer(answer);
      lastReadingMs = seen.lastReadingMs;
      await pause(SNAPSHOT_INTERVAL_MS, over);
    }
  };

  const readShelfHistories = async (stockIds: ReadonlyMap<number, number>): Promise<ShelfHistory[]> => {
    const histories: ShelfHistory[] = [];
    await forEachConcurrently(shelves, async ({ number: shelf, reorderPoint }) => {
      const id = stockIds.get(shelf);
      const counts =
        id === undefined ? [] : await api.list<ReportedCount>(`/inventory-items/${id}/events?type=counted`);
      histories.push({ shelf, reorderPoint, counts, truths: truth.shelf(shelf) });
    });
    return histories.sort((a, b) => a.shelf - b.shelf);
  };

  const readShipmentHistories = async (): Promise<ReportedShipment[]> => {
    const shown: ReportedShipment[] = [];
    const rows = new Map((await api.list<ShipmentRow>("/shipments")).map((row) => [row.id, row]));
    await forEachConcurrently([...shipments], async ([pallet, id]) => {
      const known = truth.pallets.get(pallet);
      if (!known) return;
      const events = await api.list<ReportedEvent>(`/shipments/${id}/events`);
      const row = rows.get(id);
      const place = typeof row?.location_id === "number" ? placeOf(row.location_id) : undefined;
      shown.push({ id, truth: known, shown: row && { stage: row.stage, status: row.status, place }, events });
    });
    return shown.sort((a, b) => a.id - b.id);
  };

  let watching: Promise<void> | undefined;
  const ended = new AbortController();

  return {
    async observeDuring(running) {
      watching = followLiveStream();
      const done = running.finally(() => ended.abort());
      try {
        await Promise.all([done, pollShelves(ended.signal)]);
      } catch (error) {
        ended.abort();
        streamEnd.abort();
        throw error;
      }
    },
    async waitForPlatform(worldNow) {
      const began = performance.now();
      const isAhead = () => scales.length > 0 && worldNow - Math.max(lastReadingMs, beganMs) > MAX_LEAD_MS;
      if (!isAhead()) return;
      while (isAhead() && !ended.signal.aborted && !signal.aborted) await pause(POLL_MS);
      waitedMs += performance.now() - began;
    },
    async finish(endMs) {
      const settled = await waitForQuiescence(api, QUIESCENCE_TIMEOUT_MS);
      streamEnd.abort();
      await watching;
      const watchedUntil = performance.now(); // what is due later is seen by nobody
      await readAll();
      const alerts = alertEvaluator.result(watchedUntil);
      const shown = await readShipmentHistories();
      const { answers } = await takeSnapshot();
      const histories = await readShelfHistories(new Map(answers.map(({ shelf, stockId }) => [shelf, stockId])));
      const names = new Map([...vehicles].map(([name, id]) => [id, name]));
      return {
        seed,
        shipments: scoreShipments(shown, endMs),
        shownDeliveredTooEarly: [...prematureDeliveries],
        handling: scoreHandling(shown, { endMs, placeOf, shownDeliveredTooEarly: prematureDeliveries }),
        crossings: scoreCrossings(shown, truth, (id) => names.get(id), endMs),
        shelves: shelfEvaluator.result(answers),
        alerts,
        restock: await readRestock(api, new Set(answers.map(({ stockId }) => stockId)), signal),
        conditions: await readConditions(api, options.coldBoxes, endMs),
        verification: await readVerification(api, options.loads),
        bottleneck: await readBottlenecks(api, options.jam, endMs, placeOf),
        shelfHistory: scoreShelfHistory(histories, endMs, options.clockErrorMs),
        waitedMs,
        settled,
      };
    },
  };
}

/** Pallets for the shelf's site that carry its product, and that nobody has signed for: until then they are on their way. */
function onItsWayTo(truth: GroundTruth, shelf: Shelf | undefined): OnItsWay {
  const sent = [...truth.pallets.values()].filter(
    ({ pallet }) => pallet.destination === shelf?.site && pallet.product === shelf.product,
  );
  const open = sent.filter(({ stageChanges }) => stageChanges.at(-1)?.cause !== "delivered");
  return { pieces: open.reduce((sum, { pallet }) => sum + pallet.quantity, 0), times: sent.length };
}
