import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";

/**
 * What people do by hand: book a shipment when a pallet is packed, and its loading; have its delivery signed; where no
 * gate sees it, its unloading. Everything else the sensors tell.
 */
export interface Operator {
  /** @param event that has just happened */
  record(event: WorldEvent): void;
  /** Books a pallet that was packed, and perhaps loaded, while no operator was there. @param at epoch milliseconds */
  bookExisting(pallet: Pallet, at: number): void;
  /** Resolves when everything noted is in the platform, or was refused. */
  drain(): Promise<void>;
  /** the platform's id of each pallet booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  /** Resolves when there is little left to write: a world that runs faster than its operator waits for them. */
  waitForCapacity(): Promise<void>;
  /** bookings the platform refused, each of which was logged */
  refused(): number;
}

const RECIPIENTS = ["A. Huber", "M. Novák", "K. Wagner", "J. Svoboda", "L. Bauer"] as const;
/** Pallets whose papers may be open at once. */
const MAX_OPEN_BOOKINGS = 40;
/** What a operator writes on the papers of a pallet, and by which its shipments are known again. */
export const REFERENCE_PREFIX = "Pallet ";

/** @param api repeats what the platform cannot answer now: what it throws is final */
export function createOperator(
  api: ApiClient,
  provisioned: ProvisionedWorld,
  gated: ReadonlySet<string>,
  log: Logger,
): Operator {
  const shipments = new Map<Pallet, number>();
  /** one pallet's papers are written in order; those of different pallets do not wait for each other */
  const work = new Map<Pallet, Promise<void>>();
  let refused = 0;

  /** @param from a location's id, or the name of a stage for what is on the road */
  const book = async (pallet: Pallet, from: number | string, at: number): Promise<number> => {
    const { id } = await api.post<{ id: number }>("/shipments", {
      item_id: idOf(provisioned.items, pallet.product.sku),
      quantity: pallet.quantity,
      location: from,
      destination_id: idOf(provisioned.locations, pallet.destination.name),
      value_cents: pallet.quantity * pallet.product.valueCents,
      currency: "EUR",
      reference: `${REFERENCE_PREFIX}${pallet.number}`,
      at: new Date(at).toISOString(),
    });
    shipments.set(pallet, id);
    await api.post(`/shipments/${id}/tags`, { epc: pallet.epc });
    return id;
  };

  const load = (id: number, truck: string, at: number): Promise<unknown> =>
    api.post(`/shipments/${id}/load`, {
      vehicle_id: idOf(provisioned.vehicles, truck),
      at: new Date(at).toISOString(),
    });

  const bookMissed = async (pallet: Pallet, at: number): Promise<void> => {
    // Packed in the very step in which it is heard again: it has its papers.
    if (shipments.has(pallet)) return;
    const { whereabouts } = pallet;
    if ("site" in whereabouts) {
      await book(pallet, idOf(provisioned.locations, whereabouts.site.name), at);
    } else {
      const { truck, from, underWay } = whereabouts;
      const id = await book(pallet, underWay ? "transportation" : idOf(provisioned.locations, from.name), at);
      await load(id, truck, at + 1);
    }
  };

  const write = async (event: WorldEvent & { pallet: Pallet }): Promise<void> => {
    const at = new Date(event.at).toISOString();
    if (event.type === "pallet-ready") {
      if (!shipments.has(event.pallet)) {
        await book(event.pallet, idOf(provisioned.locations, event.site.name), event.at);
      }
      return;
    }
    const id = shipments.get(event.pallet);
    // Packed before this operator's time: somebody else has its papers.
    if (id === undefined) return;
    if (event.type === "pallet-loaded") {
      await load(id, event.truck, event.at);
    } else if (event.type === "pallet-unloaded" && !gated.has(event.site.name)) {
      await api.post(`/shipments/${id}/unload`, { location_id: idOf(provisioned.locations, event.site.name), at });
    } else if (event.type === "pallet-delivered") {
      const name = RECIPIENTS[event.pallet.number % RECIPIENTS.length];
      await api.post(`/shipments/${id}/proof-of-delivery`, { name, at });
    }
  };

  const enqueue = (pallet: Pallet, what: string, at: number, task: () => Promise<void>): void => {
    const written = (work.get(pallet) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) => {
        refused += 1;
        log.error({ err: error, event: what, pallet: pallet.number, at }, "could not be booked");
      })
      .finally(() => {
        if (work.get(pallet) === written) work.delete(pallet);
      });
    work.set(pallet, written);
  };

  return {
    shipments,
    refused: () => refused,
    record(event) {
      if ("pallet" in event) enqueue(event.pallet, event.type, event.at, () => write(event));
    },
    bookExisting: (pallet, at) => enqueue(pallet, "packed before this run", at, () => bookMissed(pallet, at)),
    async waitForCapacity() {
      while (work.size > MAX_OPEN_BOOKINGS) await Promise.race(work.values());
    },
    async drain() {
      while (work.size > 0) await Promise.all(work.values());
    },
  };
}
