import { useState } from "preact/hooks";
import { formatQuantity } from "../../labels/quantities.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { DetailFrame, NotFound } from "../controls/detail-frame.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useGet } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { PackWave } from "./pack-wave.tsx";
import { PickStop } from "./pick-stop.tsx";
import { placeText, stopsOf } from "./stops.ts";

/** A pick list: the stop that is next, those that follow, and where what was picked is packed. */
export function PickListDetail({ id }: { id: number }) {
  const { changes } = useStore(appData);
  const [reads, setReads] = useState(0);
  const isHandler = useMay(mayHandle);
  const { busy, problem, run } = useWrite();
  const loaded = useGet(`/pick-lists/${id}`, `${reads} ${changes.get("orders")}`);
  const list = loaded?.value;
  if (loaded?.problem) return <NotFound label={`Pick list ${id}`} problem={loaded.problem} />;
  if (!list) {
    return (
      <DetailFrame label={`Pick list ${id}`}>
        <p class="empty">Loading …</p>
      </DetailFrame>
    );
  }
  const stops = stopsOf(list);
  const next = list.status === "open" ? stops.find(({ rest }) => rest > 0) : undefined;
  const readAgain = () => setReads((before) => before + 1);
  return (
    <DetailFrame label={`Pick list ${id}`}>
      <h2>Pick list {id}</h2>
      <p>
        <strong>{list.status}</strong> · for
        {list.order_ids.map((orderId) => (
          <span key={orderId}>
            {" "}
            <button type="button" class="link" onClick={() => openDetail({ kind: "order", id: orderId })}>
              order {orderId}
            </button>
          </span>
        ))}
      </p>
      {next && isHandler && (
        <PickStop key={`${next.first.inventory_item_id} ${next.rest}`} listId={id} stop={next} onPicked={readAgain} />
      )}
      <section aria-label="Stops">
        <h3>Stops</h3>
        <ol class="lines stops">
          {stops.map((stop) => (
            <li key={stop.first.inventory_item_id} aria-current={stop === next ? "step" : undefined}>
              <span class="grow">
                {placeText(stop.first)} <span class="muted">{stop.first.name}</span>
              </span>
              <span class="number">
                {stop.picked} of {formatQuantity(stop.quantity, stop.first.unit)}
                {stop.short > 0 &&
                  ` · ${stop.short} short: ${stop.tasks.find(({ reason }) => reason !== null)?.reason}`}
              </span>
            </li>
          ))}
        </ol>
      </section>
      {isHandler && <PackWave orderIds={list.order_ids} version={`${list.updated_at} ${reads}`} onPacked={readAgain} />}
      {isHandler && list.status === "open" && (
        <ConfirmButton
          label="Cancel the list"
          question="What was not picked stays held for its orders. Cancel the list?"
          disabled={busy}
          onConfirm={() => void run(() => post(`/pick-lists/${id}/cancel`, {})).then((isDone) => isDone && readAgain())}
        />
      )}
      <ProblemText problem={problem} />
    </DetailFrame>
  );
}
