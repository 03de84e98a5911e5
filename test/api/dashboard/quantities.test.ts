import { describe, expect, it } from "vitest";
import { formatQuantity } from "../../../api/dashboard/labels/quantities.ts";
import { levelHistory } from "../../../api/dashboard/panels/stock/level-history.ts";
import type { InventoryItem, StockEvent } from "../../../api/dashboard/state/resources.ts";

it.each([
  [1, "piece", "1 piece"],
  [10, "piece", "10 pieces"],
  [1240, "box", "1,240 boxes"],
  [0, "pallet", "0 pallets"],
  [2, "battery", "2 batteries"],
  [2, "tray", "2 trays"],
  [3, "pieces", "3 pieces"],
  [20, "kg", "20 kg"],
  [5, "m²", "5 m²"],
  [5, "pcs", "5 pcs"],
  [7, "Stück", "7 Stück"],
])("%d of the unit %s is %s", (quantity, unit, text) => {
  expect(formatQuantity(quantity, unit)).toBe(text);
});

describe("the level over time", () => {
  const event = (hour: number, rest: Partial<StockEvent>): StockEvent => ({
    ...{ id: hour, at: new Date(hour * 3_600_000).toISOString(), type: "counted", source: null, quantity: null },
    ...{ lot: null, change: null, reason: null, device_id: null, actor_id: null },
    ...rest,
  });
  const item = (rest: Partial<InventoryItem>) =>
    ({ source: "ledger", quantity: 12, measured_at: "1970-01-01T09:00:00Z", ...rest }) as InventoryItem;
  const levels = (of: InventoryItem, events: StockEvent[]) =>
    levelHistory(of, 0, events).map(({ atMs, quantity }) => [atMs / 3_600_000, quantity]);

  it("adds adjustments of a ledger to its counts", () => {
    const events = [
      event(1, { source: "person", quantity: 10 }),
      event(2, { type: "adjusted", change: -4 }),
      event(3, { type: "adjusted", change: 6 }),
    ];
    expect(levels(item({}), events)).toEqual([
      [1, 10],
      [2, 6],
      [3, 12],
    ]);
  });

  it("goes back from the level now where nobody has counted", () => {
    expect(levels(item({}), [event(5, { type: "adjusted", change: 2 })])).toEqual([
      [0, 10],
      [5, 12],
    ]);
    expect(levels(item({}), [])).toEqual([[0, 12]]);
    expect(levels(item({ measured_at: null }), [])).toEqual([]);
  });

  it("believes the sensor that governs, and not what another one counts or what the sensor has seen itself", () => {
    const events = [
      event(1, { source: "scale", quantity: 9, change: -3 }),
      event(2, { source: "rfid", quantity: 30 }),
      event(3, { type: "adjusted", change: -5 }),
      event(4, { source: "person", quantity: 20 }),
      event(5, { type: "adjusted", change: -5 }),
    ];
    expect(levels(item({ source: "scale" }), events)).toEqual([
      [0, 12],
      [1, 9],
      [4, 20],
      [5, 15],
    ]);
  });
});
