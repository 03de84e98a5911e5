import type { Logger } from "pino";
import type { ApiClient } from "../platform/api-client.ts";
import { idOf, type ProvisionedWorld } from "../platform/seed.ts";
import type { WorldEvent } from "../world/event.ts";
import type { Pallet } from "../world/pallet.ts";

/**
 * Simulates the people who book by hand: a new shipment when a pallet is packed, and what is told by them of its handling
 * (`ReportedBy`). Sensors report everything else.
 */
export interface Operator {
  /** @param event that has just happened */
  record(event: WorldEvent): void;
  /** Books a pallet that was packed, and perhaps loaded, before this run. @param at epoch milliseconds */
  bookExisting(pallet: Pallet, at: number): void;
  /** Resolves when what was recorded of a pallet so far is booked. @returns its id on the platform; undefined: it was refused */
  whenBooked(pallet: Pallet): Promise<number | undefined>;
  /** Resolves when every recorded event is booked or was refused. */
  drain(): Promise<void>;
  /** the platform's id of each pallet booked so far */
  shipments: ReadonlyMap<Pallet, number>;
  /** what is printed on the label of each pallet booked so far */
  trackingNumbers: ReadonlyMap<Pallet, string>;
  /** Resolves when few bookings are open: backpressure for a world that runs faster than the platform books. */
  waitForCapacity(): Promise<void>;
  /** number of bookings the platform refused; each was logged */
  refused(): number;
}

const RECIPIENTS = ["A. Huber", "M. Novák", "K. Wagner", "J. Svoboda", "L. Bauer"] as const;
/** Pallets with open bookings at most. */
const MAX_OPEN_BOOKINGS = 40;
/** Prefix of the shipments' references: it identifies the simulator's shipments. */
export const REFERENCE_PREFIX = "Pallet ";

/** @param api must retry when the platform cannot answer now: its errors are final */
export function createOperator(api: ApiClient, provisioned: ProvisionedWorld, log: Logger): Operator {
  const shipments = new Map<Pallet, number>();
  const trackingNumbers = new Map<Pallet, string>();
  /** the last booking of each pallet: those of one pallet run in order, those of different pallets in parallel */
  const work = new Map<Pallet, Promise<void>>();
  let refused = 0;

  /** @param from a location's id, or the name of a stage for a pallet on the road */
  const book = async (pallet: Pallet, from: number | string, at: number): Promise<number> => {
    const { id, tracking_number } = await api.post<{ id: number; tracking_number: string }>("/shipments", {
      item_id: idOf(provisioned.items, pallet.product.sku),
      quantity: pallet.quantity,
      location: from,
      destination_id: idOf(provisioned.locations, pallet.destination.name),
      value_cents: pallet.quantity * pallet.product.valueCents,
      currency: "EUR",
      reference: `${REFERENCE_PREFIX}${pallet.number}`,
      ...(pallet.product.celsius && { conditions: { celsius: pallet.product.celsius } }),
      due_at: new Date(at + pallet.promisedWithinMs).toISOString(),
      at: new Date(at).toISOString(),
    });
    shipments.set(pallet, id);
    await api.post(`/shipments/${id}/tags`, { epc: pallet.epc });
    trackingNumbers.set(pallet, tracking_number);
    return id;
  };

  const load = (id: number, truck: string, at: number): Promise<unknown> =>
    api.post(`/shipments/${id}/load`, {
      vehicle_id: idOf(provisioned.vehicles, truck),
      at: new Date(at).toISOString(),
    });

  const bookMissed = async (pallet: Pallet, at: number): Promise<void> => {
    // Packed in the step in which reporting resumed: already booked.
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
    // Packed before this run: not booked by this operator.
    if (id === undefined) return;
    const name = RECIPIENTS[event.pallet.number % RECIPIENTS.length];
    if (event.type === "loading-entered") {
      await load(id, event.truck, event.loadedAt);
    } else if (event.type === "pallet-refused") {
      await api.post(`/shipments/${id}/proof-of-delivery`, { name, outcome: "refused", at });
    } else if (!("toldBy" in event) || event.toldBy !== "api") {
      return;
    } else if (event.type === "pallet-loaded") {
      await load(id, event.truck, event.at);
    } else if (event.type === "pallet-unloaded") {
      await api.post(`/shipments/${id}/unload`, { location_id: idOf(provisioned.locations, event.site.name), at });
    } else {
      await api.post(`/shipments/${id}/proof-of-delivery`, { name, at });
    }
  };

  const enqueue = (pallet: Pallet, what: string, at: number, task: () => Promise<void>): void => {
    const written = (work.get(pallet) ?? Promise.resolve())
      .then(task)
      .catch((error: unknown) => {
        refused += 1;
        log.error({ err: error, event: what, pallet: pallet.number, at }, "booking refused");
      })
      .finally(() => {
        if (work.get(pallet) === written) work.delete(pallet);
      });
    work.set(pallet, written);
  };

  return {
    shipments,
    trackingNumbers,
    refused: () => refused,
    record(event) {
      if ("pallet" in event) enqueue(event.pallet, event.type, event.at, () => write(event));
    },
    bookExisting: (pallet, at) => enqueue(pallet, "packed before this run", at, () => bookMissed(pallet, at)),
    async whenBooked(pallet) {
      await work.get(pallet);
      return shipments.get(pallet);
    },
    async waitForCapacity() {
      while (work.size > MAX_OPEN_BOOKINGS) await Promise.race(work.values());
    },
    async drain() {
      while (work.size > 0) await Promise.all(work.values());
    },
  };
}
