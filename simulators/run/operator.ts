import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { idIn, type Settled } from "../platform/seed.ts";
import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";

/**
 * What people do by hand: book a shipment when a pallet is packed, and its loading; have its delivery signed; where no
 * gate sees it, its unloading. Everything else the sensors tell.
 */
export interface Clerk {
  /** @param event that has just happened */
  note(event: WorldEvent): void;
  /** Books a pallet that was packed, and perhaps loaded, while no clerk was there. @param at epoch milliseconds */
  adopt(pallet: Pallet, at: number): void;
  /** Resolves when everything noted is in the platform, or was refused. */
  done(): Promise<void>;
  /** the platform's id of each pallet booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  /** Resolves when there is little left to write: a world that runs faster than its clerk waits for them. */
  room(): Promise<void>;
  /** bookings the platform refused, each of which was logged */
  refused(): number;
}

const RECIPIENTS = ["A. Huber", "M. Novák", "K. Wagner", "J. Svoboda", "L. Bauer"] as const;
/** Pallets whose papers may be open at once. */
const MOST_OPEN = 40;
/** What a clerk writes on the papers of a pallet, and by which its shipments are known again. */
export const REFERENCE = "Pallet ";

/** @param api repeats what the platform cannot answer now: what it throws is final */
export function createClerk(api: ApiClient, settled: Settled, gated: ReadonlySet<string>, log: Logger): Clerk {
  const shipments = new Map<Pallet, number>();
  /** one pallet's papers are written in order; those of different pallets do not wait for each other */
  const work = new Map<Pallet, Promise<void>>();
  let refused = 0;

  /** @param from a location's id, or the name of a stage for what is on the road */
  const book = async (pallet: Pallet, from: number | string, at: number): Promise<number> => {
    const { id } = await api.post<{ id: number }>("/shipments", {
      item_id: idIn(settled.items, pallet.product.sku),
      quantity: pallet.quantity,
      location: from,
      destination_id: idIn(settled.locations, pallet.destination.name),
      value_cents: pallet.quantity * pallet.product.valueCents,
      currency: "EUR",
      reference: `${REFERENCE}${pallet.number}`,
      at: new Date(at).toISOString(),
    });
    shipments.set(pallet, id);
    await api.post(`/shipments/${id}/tags`, { epc: pallet.epc });
    return id;
  };

  const load = (id: number, truck: string, at: number): Promise<unknown> =>
    api.post(`/shipments/${id}/load`, { vehicle_id: idIn(settled.vehicles, truck), at: new Date(at).toISOString() });

  const adopt = async (pallet: Pallet, at: number): Promise<void> => {
    // Packed in the very step in which it is heard again: it has its papers.
    if (shipments.has(pallet)) return;
    const { whereabouts } = pallet;
    if ("site" in whereabouts) {
      await book(pallet, idIn(settled.locations, whereabouts.site.name), at);
    } else {
      const { truck, from, underWay } = whereabouts;
      const id = await book(pallet, underWay ? "transportation" : idIn(settled.locations, from.name), at);
      await load(id, truck, at + 1);
    }
  };

  const write = async (event: WorldEvent & { pallet: Pallet }): Promise<void> => {
    const at = new Date(event.at).toISOString();
    if (event.type === "pallet-ready") {
      if (!shipments.has(event.pallet)) {
        await book(event.pallet, idIn(settled.locations, event.site.name), event.at);
      }
      return;
    }
    const id = shipments.get(event.pallet);
    // Packed before this clerk's time: somebody else has its papers.
    if (id === undefined) return;
    if (event.type === "pallet-loaded") {
      await load(id, event.truck, event.at);
    } else if (event.type === "pallet-unloaded" && !gated.has(event.site.name)) {
      await api.post(`/shipments/${id}/unload`, { location_id: idIn(settled.locations, event.site.name), at });
    } else if (event.type === "pallet-delivered") {
      const name = RECIPIENTS[event.pallet.number % RECIPIENTS.length];
      await api.post(`/shipments/${id}/proof-of-delivery`, { name, at });
    }
  };

  const take = (pallet: Pallet, what: string, at: number, task: () => Promise<void>): void => {
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
    note(event) {
      if ("pallet" in event) take(event.pallet, event.type, event.at, () => write(event));
    },
    adopt: (pallet, at) => take(pallet, "adopted", at, () => adopt(pallet, at)),
    async room() {
      while (work.size > MOST_OPEN) await Promise.race(work.values());
    },
    async done() {
      while (work.size > 0) await Promise.all(work.values());
    },
  };
}
