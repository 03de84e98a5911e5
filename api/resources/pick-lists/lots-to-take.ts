import { pickableLots, takeLots } from "../../../ingest/domain/stock/propose-lots.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Versioned } from "../../http/response.ts";
import { todayUtc } from "../lots/lot-date.ts";
import { loadPickableLots } from "../lots/pickable.ts";
import type { PickList } from "./schema.ts";

type Task = PickList["tasks"][number];
/** A pick list as it is stored. */
export type StoredPickList = Omit<PickList, "tasks"> & { tasks: Omit<Task, "lots">[] };

/** Adds to each task which lots to take: what expires first, for one task after the other. */
export async function withLots(
  db: Reader,
  lists: readonly Versioned<StoredPickList>[],
): Promise<Versioned<PickList>[]> {
  const open = lists.filter(({ status }) => status === "open");
  const positions = new Set(open.flatMap(({ tasks }) => tasks.map(({ inventory_item_id: id }) => id)));
  const lots = positions.size === 0 ? [] : pickableLots(await loadPickableLots(db, [...positions]), todayUtc());
  return lists.map((list) => {
    const left = lots.map((lot) => ({ ...lot }));
    return { ...list, tasks: list.tasks.map((task) => ({ ...task, lots: lotsOf(left, list.status, task) })) };
  });
}

function lotsOf(left: Parameters<typeof takeLots>[0], status: string, task: Omit<Task, "lots">): Task["lots"] {
  const rest = status === "open" ? task.quantity - task.picked - task.short : 0;
  return takeLots(left, task.inventory_item_id, rest).map(({ lot, expiresOn, quantity }) => ({
    lot,
    expires_on: expiresOn,
    quantity,
  }));
}
