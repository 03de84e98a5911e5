import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type Books, PRODUCTS } from "./books.ts";
import type { WebShop } from "./connect.ts";
import { type PlatformApi, PlatformProblem } from "./platform-api.ts";

const STEP_MS = 15_000;
/** Somebody buys every so many steps. */
const STEPS_PER_SALE = 3;
/** Below so many pieces, and with fewer awaited, the ERP buys. */
const LOW = 12;
const BOUGHT = 40;
const MAX_SOLD = 4;

/**
 * Trade in the demo's ERP until the demo is stopped: customers buy, the ERP buys anew what runs low; and people do at the store what people must
 * do: they take in what a supplier has brought, and hand over what was shipped. Everything between is done by the platform.
 */
export async function trade(
  api: PlatformApi,
  books: Books,
  { storeId }: WebShop,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<void> {
  let steps = 0;

  async function step(): Promise<void> {
    await takeIn();
    await handOver();
    for (const { sku } of PRODUCTS) {
      const { free, awaited } = books.free(sku);
      if (free + awaited < LOW) await announce(await books.order("purchase", sku, BOUGHT));
    }
    if (steps % STEPS_PER_SALE === 0) await sell(steps / STEPS_PER_SALE);
    steps += 1;
  }

  async function sell(nth: number): Promise<void> {
    const { sku } = PRODUCTS[nth % PRODUCTS.length]!;
    if (books.free(sku).free >= MAX_SOLD) await books.order("sale", sku, 1 + (nth % MAX_SOLD));
  }

  /** The supplier says by EPCIS that its pallet is on the way. We do not know that pallet: it is kept as not matched. */
  async function announce(order: string): Promise<void> {
    const now = new Date().toISOString();
    const departed = {
      type: "ObjectEvent",
      ...{ eventTime: now, eventTimeZoneOffset: "+00:00" },
      ...{ action: "OBSERVE", bizStep: "departing", disposition: "in_transit" },
      epcList: [`https://supplier.example/pallets/${order}`],
      bizTransactionList: [{ type: "po", bizTransaction: `https://supplier.example/orders/${order}` }],
    };
    await api("POST /epcis/capture", {
      "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
      ...{ type: "EPCISDocument", schemaVersion: "2.0", creationDate: now },
      epcisBody: { eventList: [departed] },
    });
  }

  async function takeIn(): Promise<void> {
    const awaited = await api<RestockOrder[]>("GET /orders?kind=restock&status=sent&limit=200");
    for (const { id, lines, created_at: since } of awaited.filter((each) => each.ship_to_id === storeId)) {
      // It is on the way for a while, so that those who watch see it awaited.
      if (Date.now() - Date.parse(since) < 2 * STEP_MS) continue;
      const received = lines.map(({ line, quantity }) => ({ line, quantity }));
      await unlessChanged(api(`POST /orders/${id}/receive`, { lines: received, evidence: "delivery note" }));
    }
  }

  async function handOver(): Promise<void> {
    const here = await api<Shipment[]>(`GET /shipments?location_id=${storeId}&stage=storage&limit=200`);
    for (const { id, order_id: order } of here) {
      if (order === null) continue;
      await unlessChanged(api(`POST /shipments/${id}/proof-of-delivery`, { name: "Customer of the web shop" }));
    }
  }

  /** Those who watch may have done it, or something else, in the meantime. */
  async function unlessChanged(done: Promise<unknown>): Promise<void> {
    try {
      await done;
    } catch (error) {
      if (!(error instanceof PlatformProblem) || error.status !== 409) throw error;
      log.debug({ err: error }, "somebody was quicker at the demo's store");
    }
  }

  while (!signal.aborted) {
    await step().catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, "a step of the demo's trade failed; going on");
    });
    await sleep(STEP_MS, undefined, { signal }).catch(() => undefined);
  }
}

interface RestockOrder {
  id: number;
  ship_to_id: number | null;
  created_at: string;
  lines: { line: number; quantity: number }[];
}
interface Shipment {
  id: number;
  order_id: number | null;
}
