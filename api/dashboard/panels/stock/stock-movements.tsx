import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { formatCount, formatQuantity } from "../../labels/quantities.ts";
import { MOVEMENT_LABELS } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { get, post } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { InventoryItem, Movement } from "../../state/resources.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { choicesOf } from "../controls/use-items.ts";
import { useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { DAY_PATTERN } from "../tracing/expiry.ts";

const MAX_ROWS = 50;
const CONDITIONS = [
  ["good", "good"],
  ["hold", "on hold"],
  ["damaged", "damaged"],
] as const;

type NewMovement = Omit<Schemas["NewMovement"], "inventory_item_id">;
/** Where goods go, beside the movement. */
type MoveForm = Pick<NewMovement, "quantity" | "reason" | "lot"> & NonNullable<NewMovement["to"]>;

/** Puts, takes and moves goods of a position. */
export function MovementForms({ item }: { item: InventoryItem }) {
  const { locations } = useStore(appData);
  const move = (body: NewMovement) => post("/movements", { inventory_item_id: item.id, ...body });
  const reason = { name: "reason", label: "Why", required: true } as const;
  const evidence = { name: "evidence", label: "What shows it" } as const;
  const elsewhere = choicesOf([...locations.values()].filter(({ id }) => id !== item.location_id));
  const conditions = CONDITIONS.filter(([condition]) => condition !== item.condition);
  return (
    <>
      <Action label="Put or take">
        {(onDone) => (
          <RecordForm<NewMovement>
            label="Put or take"
            action="Record"
            inline
            fields={[
              { name: "quantity", label: `${item.unit}; taken: −`, type: "number", required: true },
              { name: "unit", label: "Unit", placeholder: item.unit },
              { name: "lot", label: "Lot" },
              { name: "expires_on", label: "Expires on", placeholder: "2027-03-31", pattern: DAY_PATTERN },
              reason,
              evidence,
            ]}
            onSubmit={(body) => move(body).then(onDone)}
          />
        )}
      </Action>
      <Action label="Move">
        {(onDone) => (
          <RecordForm<MoveForm>
            label="Move"
            action="Move"
            inline
            fields={[
              { name: "quantity", label: item.unit, type: "number", min: 1, required: true },
              { name: "location_id", label: "To", type: "id", options: elsewhere },
              { name: "condition", label: "As", options: conditions },
              { name: "lot", label: "Lot; empty: what came first" },
              reason,
            ]}
            onSubmit={({ location_id, condition, ...body }) =>
              move({
                ...body,
                to: { ...(location_id ? { location_id } : {}), ...(condition ? { condition } : {}) },
              }).then(onDone)
            }
          />
        )}
      </Action>
    </>
  );
}

/** The ledger of a position, newest first. A manager takes a movement back from here. */
export function StockMovements({ item }: { item: InventoryItem }) {
  const [reads, setReads] = useState(0);
  const { changes } = useStore(appData);
  // Where a sensor counts, what is received by hand moves no level.
  const version = `${item.quantity} ${changes.get(`beside stock:${item.id}`)} ${changes.get("orders")} ${reads}`;
  const path = `/movements?inventory_item_id=${item.id}&order=newest&limit=${MAX_ROWS}` as const;
  const loaded = useLoad(path, version, (signal) => get(path, signal));
  if (loaded?.problem) return <p class="problem">The ledger could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value || loaded.value.length === 0) return null;
  return (
    <section aria-label="Ledger">
      <h3>Ledger</h3>
      <ol class="timeline" aria-label="Movements">
        {loaded.value.map((movement) => (
          <MovementRow key={movement.id} movement={movement} onReversed={() => setReads((before) => before + 1)} />
        ))}
      </ol>
      {loaded.value.length === MAX_ROWS && <p class="empty">The newest {MAX_ROWS} are listed.</p>}
    </section>
  );
}

function MovementRow({ movement, onReversed }: { movement: Movement; onReversed: () => void }) {
  const where = useStore(timeZone);
  const isManager = useMay(mayManage);
  const { quantity, unit, level, unfit, reason, actor_id: actor, device_id: device } = movement;
  const sign = quantity > 0 ? "+" : quantity < 0 ? "−" : "";
  const ofLots = movement.lots.map(({ lot, quantity }) => `${formatCount(quantity)} of lot ${lot}`);
  const by = [...ofLots, reason, device, actor === null ? null : `person ${actor}`].filter(Boolean);
  return (
    <li>
      <p>
        <strong>{MOVEMENT_LABELS[movement.kind]}</strong> {sign}
        {formatCount(Math.abs(quantity))} → {formatQuantity(level, unit)}
        {movement.reversed_by !== null && <span class="muted"> · taken back</span>}
      </p>
      {unfit < 0 && <p class="problem">▲ {formatQuantity(-unfit, unit)} more than were known to be here</p>}
      <p class="muted">
        <time dateTime={movement.at}>{formatDateTime(movement.at, where)}</time>
        {by.map((word) => ` · ${word}`)}
      </p>
      {isManager && isReversible(movement) && (
        <Action label="Take back">
          {(onDone) => (
            <RecordForm
              label="Take back"
              action="Take back"
              inline
              fields={[{ name: "reason", label: "Why", required: true }]}
              onSubmit={(body) =>
                post(`/movements/${movement.id}/reverse`, body).then(() => {
                  onDone();
                  onReversed();
                })
              }
            />
          )}
        </Action>
      )}
    </li>
  );
}

/** What the server would refuse has no button. */
const isReversible = ({ kind, source, reversed_by }: Movement): boolean =>
  kind !== "opening" && kind !== "reversal" && source !== "scale" && source !== "rfid" && reversed_by === null;
