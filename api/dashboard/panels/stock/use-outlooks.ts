import { useEffect, useMemo, useState } from "preact/hooks";
import { getChecked } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { Row } from "../../state/operations.ts";
import { useStore } from "../../state/store.ts";
import { useLoad } from "../controls/use-load.ts";

export type Outlook = Row<"/stock-outlooks">;

/** Orders may change many times in a second: what they say of a list is read again no more often than this. */
const SETTLE_MS = 5_000;
/** … and now and then without them, after so many of these: demand changes by the day, and shipments come nearer. */
const TURNS_TO_REFRESH = 60;

/** What is expected at these positions, by their ids. Without the outlooks a list shows what it has, and why the rest is missing. */
export function useOutlooks(ids: readonly number[]): { of: ReadonlyMap<number, Outlook>; problem: string | null } {
  const { changes } = useStore(appData);
  const turn = useTurns(SETTLE_MS);
  const named = ids.toSorted((a, b) => a - b).join();
  const orders = useMemo(() => changes.get("orders") ?? 0, [turn]);
  const path = `/stock-outlooks?limit=200&inventory_item_ids=${named}` as const;
  const version = `${named} ${orders} ${Math.floor(turn / TURNS_TO_REFRESH)}`;
  // One key for all lists: while the rows change, what is known of the others stays.
  const loaded = useLoad("outlooks of a list", version, (signal) =>
    named === "" ? Promise.resolve([]) : getChecked(path, signal),
  );
  const of = useMemo(() => new Map(loaded?.value?.map((outlook) => [outlook.id, outlook])), [loaded]);
  return { of, problem: loaded?.problem ?? null };
}

/** Counts up every so often, and the component renders again. */
function useTurns(everyMs: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return turn;
}
