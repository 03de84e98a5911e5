import { useEffect, useRef, useState } from "preact/hooks";
import { appData, loaded } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";

/** Screen readers hear of new alerts this often at most, milliseconds. */
const INTERVAL_MS = 5_000;

/** Says new alerts politely: of several at once the number, and the last one. */
export function AlertAnnouncer() {
  const { alerts } = useStore(appData);
  const isLoaded = useStore(loaded);
  const heard = useRef<number | undefined>(undefined);
  const [said, setSaid] = useState("");
  const newest = Math.max(0, ...alerts.keys());
  useEffect(() => {
    if (!isLoaded) return;
    if (heard.current === undefined) {
      heard.current = newest;
      return;
    }
    if (newest <= heard.current) return;
    const timer = setTimeout(() => {
      const fresh = [...alerts.values()].filter(({ id }) => id > (heard.current ?? 0));
      heard.current = newest;
      const last = fresh.at(-1);
      if (last) setSaid(fresh.length === 1 ? `New alert: ${last.title}` : `${fresh.length} new alerts: ${last.title}`);
    }, INTERVAL_MS);
    return () => clearTimeout(timer);
  }, [newest, isLoaded]);
  return (
    <p class="hidden" role="status">
      {said}
    </p>
  );
}
