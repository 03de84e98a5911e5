import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { plainLabel } from "../../labels/status-labels.ts";
import { getAll, post, put } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { mayHandle, mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { MovementForms } from "./stock-movements.tsx";

const SOURCES = [
  ["ledger", "ledger: people and orders"],
  ["scale", "scale"],
  ["rfid", "RFID"],
] as const;
const MAX_COUNTS = 1000;

/** What people do with a stock position: count it, set its level, put, take and move, and, managers, its reorder point and its source. */
export function StockActions({ item }: { item: InventoryItem }) {
  const isHandler = useMay(mayHandle);
  const isManager = useMay(mayManage);
  if (!isHandler) return null;
  return (
    <section aria-label="Changes" class="handling">
      <Counts item={item} />
      <Action label="Set the level">
        {(onDone) => (
          <RecordForm<Schemas["InventoryItemChange"]>
            label="Set the level"
            action="Set"
            inline
            fields={[
              { name: "quantity", label: item.unit, type: "number", min: 0, required: true, value: item.quantity },
            ]}
            onSubmit={(body) => put(`/inventory-items/${item.id}`, body).then(onDone)}
          />
        )}
      </Action>
      <MovementForms item={item} />
      {isManager && (
        <Action label="Reorder point and source">
          {(onDone) => (
            <RecordForm<Schemas["InventoryItemChange"]>
              label="Reorder point and source"
              action="Save"
              inline
              isChange
              fields={[
                {
                  name: "reorder_point",
                  label: "Reorder at; 0: never; empty: as above it",
                  type: "number",
                  min: 0,
                  value: item.reorder_point_source === "own" ? item.reorder_point : null,
                },
                { name: "source", label: "What counts it", options: SOURCES, required: true, value: item.source },
              ]}
              onSubmit={(body) => put(`/inventory-items/${item.id}`, body).then(onDone)}
            />
          )}
        </Action>
      )}
    </section>
  );
}

/** The count that somebody, or a problem of a sensor, asks for; or a button that asks for one. */
function Counts({ item }: { item: InventoryItem }) {
  const [reads, setReads] = useState(0);
  const { changes } = useStore(appData);
  const { busy, problem, run } = useWrite();
  const version = `${reads} ${item.measured_at} ${item.suspect?.problem} ${changes.get(`beside stock:${item.id}`)}`;
  const path = `/cycle-counts?state=open&limit=200&location_id=${item.location_id}` as const;
  const loaded = useLoad(path, version, (signal) => getAll(path, MAX_COUNTS, signal));
  const readAgain = () => setReads((before) => before + 1);
  const asked = loaded?.value?.rows.find((each) => each.inventory_item_id === item.id);
  if (loaded?.problem) return <p class="problem">Cycle counts could not be loaded: {loaded.problem}</p>;
  if (loaded === undefined) return null;
  if (asked !== undefined) {
    return (
      <div class="asked">
        <p>
          <strong>Count it:</strong> {plainLabel(asked.reason)} {asked.detail}
        </p>
        <RecordForm<Schemas["ConfirmedCount"]>
          label="Counted"
          action="Enter the count"
          inline
          fields={[{ name: "quantity", label: `Counted, ${item.unit}`, type: "number", min: 0, required: true }]}
          onSubmit={(body) => post(`/cycle-counts/${asked.id}/count`, body).then(readAgain)}
        />
      </div>
    );
  }
  return (
    <p>
      <button
        type="button"
        disabled={busy}
        onClick={() =>
          void run(() => post("/cycle-counts", { inventory_item_id: item.id })).then((isDone) => isDone && readAgain())
        }
      >
        Ask for a count
      </button>
      <ProblemText problem={problem} />
    </p>
  );
}
