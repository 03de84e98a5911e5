import { formatCount } from "../../labels/quantities.ts";
import { openDetail } from "../../state/navigation.ts";
import { useAll } from "../controls/use-load.ts";

/** The pick lists that somebody has to walk. */
export function OpenPickLists({ version }: { version: unknown }) {
  const loaded = useAll("/pick-lists?status=open&limit=200", version);
  const lists = loaded?.value ?? [];
  if (loaded?.problem) return <p class="problem">The pick lists could not be loaded: {loaded.problem}</p>;
  if (lists.length === 0) return null;
  return (
    <section aria-label="Pick lists" class="board-group">
      <h3>Pick lists</h3>
      <ul class="lines">
        {lists.map(({ id, order_ids: orderIds, tasks }) => {
          const rest = tasks.reduce((sum, task) => sum + task.quantity - task.picked - task.short, 0);
          return (
            <li key={id}>
              <button
                type="button"
                class="link grow"
                data-opens={`picks:${id}`}
                onClick={() => openDetail({ kind: "picks", id })}
              >
                Pick list {id}
              </button>
              <span class="muted">
                {formatCount(orderIds.length)} {orderIds.length === 1 ? "order" : "orders"} · {formatCount(rest)} to
                take
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
