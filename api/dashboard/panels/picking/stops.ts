import type { PickList, PickTask } from "../../state/resources.ts";

/** Goods of one stock position, for one or several orders. */
export interface Stop {
  first: PickTask;
  tasks: PickTask[];
  quantity: number;
  picked: number;
  short: number;
  /** what is still to be taken */
  rest: number;
}

/** The stops of a pick list, in walking order. */
export function stopsOf({ tasks }: PickList): Stop[] {
  const byPosition = new Map<number, PickTask[]>();
  for (const task of tasks) {
    const key = task.inventory_item_id;
    byPosition.set(key, [...(byPosition.get(key) ?? []), task]);
  }
  return [...byPosition.values()].map((of) => {
    const sum = (name: "quantity" | "picked" | "short") => of.reduce((total, task) => total + task[name], 0);
    const [quantity, picked, short] = [sum("quantity"), sum("picked"), sum("short")];
    return { first: of[0]!, tasks: of, quantity, picked, short, rest: quantity - picked - short };
  });
}

/** "Hall › Aisle 2 › Bin 7" */
export const placeText = ({ location_path: path, location }: PickTask): string => [...path, location].join(" › ");

/** Which lots to take at a stop, whatever order they are for. */
export function lotsOf(tasks: readonly PickTask[]): Map<string, { quantity: number; expires_on: string | null }> {
  const lots = new Map<string, { quantity: number; expires_on: string | null }>();
  for (const { lot, quantity, expires_on } of tasks.flatMap((task) => task.lots)) {
    lots.set(lot, { quantity: quantity + (lots.get(lot)?.quantity ?? 0), expires_on });
  }
  return lots;
}
