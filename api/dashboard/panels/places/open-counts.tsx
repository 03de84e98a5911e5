import { plainLabel } from "../../labels/status-labels.ts";
import { getAll } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { useLoad } from "../controls/use-load.ts";

const MAX_COUNTS = 200;

/** What people are asked to count at a place, and why. Each opens its stock, where the count is entered. */
export function OpenCounts({ locationId }: { locationId: number }) {
  const { stock } = useStore(appData);
  const path = `/cycle-counts?state=open&limit=200&location_id=${locationId}` as const;
  const measured = [...stock.values()]
    .filter((item) => item.location_id === locationId)
    .map((item) => item.measured_at);
  const loaded = useLoad(path, measured.join(), (signal) => getAll(path, MAX_COUNTS, signal));
  if (loaded?.problem) return <p class="problem">What is to be counted could not be loaded: {loaded.problem}</p>;
  const counts = loaded?.value?.rows ?? [];
  if (counts.length === 0) return null;
  return (
    <section aria-label="To count">
      <h3>To count</h3>
      <ul class="lines">
        {counts.map(({ id, inventory_item_id: stockId, name, reason, detail }) => (
          <li key={id}>
            <button
              type="button"
              class="link grow"
              data-opens={detailKey({ kind: "stock", id: stockId })}
              onClick={() => openDetail({ kind: "stock", id: stockId })}
            >
              {name}
            </button>
            <span>
              {plainLabel(reason)} {detail}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
