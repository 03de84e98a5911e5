import { getAll } from "../../state/client.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useLoad } from "../controls/use-load.ts";

const MAX_OWNERS = 5_000;

/** What the owners of these positions are called, by their ids. Most stock has no owner: then nothing is read. */
export function useOwnerNames(positions: readonly InventoryItem[]): ReadonlyMap<number, string> {
  const owners = [...new Set(positions.flatMap(({ owner_id: id }) => id ?? []))].toSorted((a, b) => a - b).join();
  const loaded = useLoad("owners of stock", owners, async (signal) =>
    owners === "" ? [] : (await getAll("/parties?role=owner&limit=200", MAX_OWNERS, signal)).rows,
  );
  return new Map(loaded?.value?.map(({ id, name }) => [id, name]));
}
