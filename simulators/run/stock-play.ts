import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import type { WorldEvent } from "../world/event.ts";
import { PLAY_PRODUCTS } from "../world/products.ts";
import type { Shelf, ShelfPlay } from "../world/shelf.ts";
import { SHUTTLES } from "../world/sites.ts";
import { nextStop } from "../world/truck.ts";
import type { World } from "../world/world.ts";
import { REFERENCE_PREFIX } from "./operator.ts";
import { pause } from "./pause.ts";

/*
 * What somebody who watches a demo sees within a few minutes, again and again:
 *
 * 1. A shelf sells out: the platform alerts at once, and drafts an order after a minute.
 * 2. Nobody takes long to approve it: whoever watches may click first, else the play does so after a while, and sends it.
 * 3. The next truck to that shop brings it. It is delivered, the shelf is filled, and the scale sees it: nobody enters a receipt.
 * 4. Meanwhile somebody takes pieces from another shelf and scans nothing.
 */

/** How long things take, milliseconds. */
export const PLAY_TIMES = {
  /** the draft is left to those who watch */
  leftToPeople: 20_000,
  betweenSteps: 5_000,
  /** a shortage is drafted after a minute */
  draftedWithin: 240_000,
  unpackedAfter: 15_000,
  receivedWithin: 60_000,
  theftAfter: 15_000,
  betweenPlays: 120_000,
};
const STOLEN_PIECES = 4;
const UNTOUCHED_MS = 60_000;
/** Before the world is as far as the clock nothing is played: it would be over before anybody looks. */
const BEHIND_MS = 10_000;

interface Order {
  id: number;
  status: string;
  made_for: number | null;
  lines: { quantity: number }[];
}

/** A shelf that can be played on, and the platform's ids of it. */
interface Stage {
  shelf: Shelf;
  stockId: number;
  itemId: number;
  shopId: number;
  /** where trucks to the shop come from */
  from: string;
}

export interface StockPlay {
  /** @param event that has just happened */
  record(event: WorldEvent): void;
  /** Plays until the run is stopped. */
  run(): Promise<void>;
}

/** @param api must retry when the platform cannot answer now: its errors are final */
export function createStockPlay(
  world: World,
  api: ApiClient,
  provisioned: ProvisionedWorld,
  { log, signal, times = PLAY_TIMES }: { log: Logger; signal: AbortSignal; times?: typeof PLAY_TIMES },
): StockPlay {
  let awaited: { isIt: (event: WorldEvent) => boolean; resolve: (event: WorldEvent) => void } | undefined;

  /** The next event of this kind. Never resolves once the run is stopped. */
  const next = (isIt: (event: WorldEvent) => boolean): Promise<WorldEvent> =>
    new Promise((resolve) => {
      awaited = { isIt, resolve };
    });

  const orderOf = async (stockId: number, isMeant: (order: Order) => boolean): Promise<Order | undefined> =>
    (await api.list<Order>("/orders?kind=restock")).find((order) => order.made_for === stockId && isMeant(order));
  const isOpen = ({ status }: Order): boolean => ["draft", "approved", "sent", "partial"].includes(status);

  async function until<T>(read: () => Promise<T | undefined>, withinMs: number): Promise<T | undefined> {
    for (let leftMs = withinMs; leftMs > 0 && !signal.aborted; leftMs -= times.betweenSteps) {
      const found = await read();
      if (found !== undefined) return found;
      await pause(times.betweenSteps, signal);
    }
    return undefined;
  }

  /** The shelves of the play that have no order. */
  async function findStages(): Promise<Stage[]> {
    const stock = await api.list<{ id: number; item_id: number; location_id: number }>("/inventory-items");
    const ordered = new Set(
      (await api.list<Order>("/orders?kind=restock")).filter(isOpen).map(({ made_for: stockId }) => stockId),
    );
    return world.shelves.flatMap((shelf): Stage[] => {
      const route = SHUTTLES.find(([, to]) => to === shelf.site.name);
      if (route === undefined || !PLAY_PRODUCTS.includes(shelf.product)) return [];
      const itemId = idOf(provisioned.items, shelf.product.sku);
      const shopId = idOf(provisioned.locations, shelf.site.name);
      const stockId = stock.find((row) => row.item_id === itemId && row.location_id === shopId)?.id;
      return stockId === undefined || ordered.has(stockId) ? [] : [{ shelf, stockId, itemId, shopId, from: route[0] }];
    });
  }

  async function playOn(stage: Stage): Promise<void> {
    const { shelf, stockId } = stage;
    const play: ShelfPlay = { sellsOut: true, delivered: 0, stolen: 0 };
    shelf.play = play;
    shelf.nextPickAt = world.now;
    void pause(times.theftAfter, signal).then(() => steal(shelf));
    try {
      const draft = await until(() => orderOf(stockId, isOpen), times.draftedWithin);
      play.sellsOut = false;
      const sent = draft && (await send(draft.id));
      play.delivered = sent ? await deliver(stage, sent) : shelf.capacity;
      if (sent)
        await until(
          () => orderOf(stockId, ({ id, status }) => id === sent.id && status === "received"),
          times.receivedWithin,
        );
      while (play.delivered > 0 && !signal.aborted) await pause(times.betweenSteps, signal);
    } finally {
      // Nobody takes anything while it is being filled.
      shelf.nextPickAt = world.now + UNTOUCHED_MS;
      delete shelf.play;
    }
  }

  /** Approves and sends an order, unless somebody else has done so. @returns undefined: somebody has cancelled it */
  async function send(id: number): Promise<Order | undefined> {
    await pause(times.leftToPeople, signal);
    for (const [from, to] of [
      ["draft", "approved"],
      ["approved", "sent"],
    ]) {
      const { status } = await api.get<Order>(`/orders/${id}`);
      if (status === from) await api.put(`/orders/${id}`, { status: to });
      await pause(times.betweenSteps, signal);
    }
    const order = await api.get<Order>(`/orders/${id}`);
    return isOpen(order) ? order : undefined;
  }

  /** The next truck to the shop brings what was ordered. @returns how many pieces, when they are unpacked */
  async function deliver({ itemId, shopId, from }: Stage, { id: order, lines }: Order): Promise<number> {
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
    const { id } = await api.post<{ id: number }>("/shipments", {
      ...{
        item_id: itemId,
        quantity,
        location: idOf(provisioned.locations, from),
        destination_id: shopId,
        order_id: order,
      },
      reference: `${REFERENCE_PREFIX}for order ${order}`,
      at: new Date(world.now).toISOString(),
    });
    const goesThere = (name: string): boolean => {
      const truck = world.trucks.find((each) => each.name === name);
      return truck !== undefined && idOf(provisioned.locations, nextStop(truck).name) === shopId;
    };
    const left = (await next(
      (event) => event.type === "truck-left" && event.site.name === from && goesThere(event.truck),
    )) as WorldEvent & { type: "truck-left" };
    const loadedAt = new Date(left.at - 1_000).toISOString();
    await api.post(`/shipments/${id}/load`, { vehicle_id: idOf(provisioned.vehicles, left.truck), at: loadedAt });
    const reached = await next((event) => event.type === "truck-reached" && event.truck === left.truck);
    await pause(times.unpackedAfter, signal);
    const at = new Date(reached.at + 2_000).toISOString();
    await api.post(`/shipments/${id}/proof-of-delivery`, { name: "Shop staff", at });
    return quantity;
  }

  /** Somebody takes pieces from a full shelf, and scans nothing. */
  async function steal(other: Shelf): Promise<void> {
    const full = world.shelves.filter(
      (shelf) =>
        shelf !== other &&
        shelf.play === undefined &&
        !PLAY_PRODUCTS.includes(shelf.product) &&
        shelf.quantity > shelf.capacity / 2,
    );
    const shelf = full[((world.now / 1_000) % full.length) | 0];
    if (shelf === undefined || signal.aborted) return;
    const play: ShelfPlay = { sellsOut: false, delivered: 0, stolen: STOLEN_PIECES };
    shelf.play = play;
    log.info({ shelf: shelf.number, site: shelf.site.name, sku: shelf.product.sku }, "play: pieces are stolen");
    while (play.stolen > 0 && !signal.aborted) await pause(times.betweenSteps, signal);
    delete shelf.play;
  }

  return {
    record(event) {
      if (awaited?.isIt(event) !== true) return;
      const { resolve } = awaited;
      awaited = undefined;
      resolve(event);
    },
    async run() {
      while (Date.now() - world.now > BEHIND_MS && !signal.aborted) await pause(1_000, signal);
      for (let nth = 0; !signal.aborted; nth += 1) {
        try {
          const stages = await findStages();
          const stage = stages[nth % Math.max(1, stages.length)];
          if (stage) {
            log.info({ site: stage.shelf.site.name, sku: stage.shelf.product.sku }, "play: a shelf sells out");
            await Promise.race([playOn(stage), stopped(signal)]);
          }
        } catch (error) {
          log.error({ err: error }, "stock-out scenario failed; the next one follows");
        }
        await pause(times.betweenPlays, signal);
      }
    },
  };
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
