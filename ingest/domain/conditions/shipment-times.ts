import type { ShipmentStatus } from "../fact.ts";
import type { ShipmentState } from "../shipment/state.ts";

const CLOSED: ReadonlySet<ShipmentStatus> = new Set(["delivered", "returned", "cancelled"]);

type Event = { fact: { at: number }; state: ShipmentState };

/** When a shipment began and came to its end, by the events of its fold; null: it is under way. Epoch milliseconds. */
export function timesOf(events: readonly Event[]): { from: number; ends: number | null } | undefined {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  if (!CLOSED.has(last.state.status)) return { from: first.fact.at, ends: null };
  const before = events.findLastIndex(({ state }) => !CLOSED.has(state.status));
  return { from: first.fact.at, ends: (events[before + 1] ?? last).fact.at };
}
