import { useState } from "preact/hooks";
import { getAll, post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import type { Order } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { ORDER_KIND_LABELS } from "../../labels/status-labels.ts";
import { NewOrder } from "./new-order.tsx";
import { OrderBoard, mayBePicked } from "./order-board.tsx";
import { ExportLink, exportQuery } from "../controls/export-link.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { OpenPickLists } from "../picking/open-pick-lists.tsx";

const MAX_ORDERS = 1000;

/** All orders by where they stand; those that wait to be picked are chosen for a wave. */
export function Orders() {
  const { changes } = useStore(appData);
  const version = changes.get("orders");
  const [kind, setKind] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const isHandler = useMay(mayHandle);
  const { busy, problem, run } = useWrite();
  const loaded = useLoad("orders", version, (signal) => getAll("/orders?limit=200", MAX_ORDERS, signal));
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">The orders could not be loaded: {loaded.problem}</p>;
  const { rows, complete } = loaded.value;
  const shown = rows.filter((order) => kind === "" || order.kind === kind);
  const wave = shown.filter((order) => chosen.has(order.id) && mayBePicked(order));
  const toggle = ({ id }: Order) =>
    setChosen((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id]));
  const makeList = () =>
    run(async () => {
      const { id } = await post("/pick-lists", { order_ids: wave.map((order) => order.id) });
      setChosen(new Set());
      openDetail({ kind: "picks", id });
    });
  return (
    <>
      <NewOrder />
      <p class="board-bar">
        <label>
          <span class="hidden">Kind</span>
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">All kinds</option>
            {Object.entries(ORDER_KIND_LABELS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        {isHandler && (
          <button type="button" disabled={busy || wave.length === 0} onClick={() => void makeList()}>
            {wave.length === 0 ? "Choose orders to pick" : `Pick ${formatCount(wave.length)} in one walk`}
          </button>
        )}
        <ExportLink href={`/exports/orders.csv${exportQuery({ kind })}`} />
        <ExportLink href={`/exports/order-lines.csv${exportQuery({ kind })}`} label="Export lines" />
      </p>
      <ProblemText problem={problem} />
      <OpenPickLists version={version} />
      {rows.length === 0 && <p class="empty">No orders yet.</p>}
      <OrderBoard orders={shown} chosen={chosen} onChoose={isHandler ? toggle : undefined} />
      {!complete && <p class="empty">There are more orders than this page loads.</p>}
    </>
  );
}
