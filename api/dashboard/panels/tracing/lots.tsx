import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatQuantity } from "../../labels/quantities.ts";
import { getAll, post } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { mayManage, mayManageAll } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useItems, useParties } from "../controls/use-items.ts";
import { useLoad } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { DAY_PATTERN, expiryOf } from "./expiry.ts";
import { useReads } from "./use-reads.ts";

const MAX_LOTS = 1000;
/** What the list shows; each is a filter of the API. */
const SHOWN = [
  ["In stock", "in_stock=true"],
  ["On hold", "on_hold=true"],
  ["Expired", "expired=true&in_stock=true"],
  ["All", ""],
] as const;

/** Lots: what expires first comes first. */
export function Lots() {
  const [shown, setShown] = useState<string>(SHOWN[0][1]);
  const [q, setQ] = useState("");
  const now = useStore(currentTime);
  const [reads] = useReads();
  const path = `/lots?limit=200&${shown}${q === "" ? "" : `&q=${encodeURIComponent(q)}`}` as const;
  const loaded = useLoad(path, reads, (signal) => getAll(path, MAX_LOTS, signal));
  const { rows, complete } = loaded?.value ?? { rows: [], complete: true };
  const sorted = rows.toSorted((a, b) => (a.expires_on ?? "~").localeCompare(b.expires_on ?? "~") || a.id - b.id);
  const rowKeys = useRowKeys(sorted.map(({ id }) => detailKey({ kind: "lot", id })));
  return (
    <>
      <NewLot />
      <div>
        <div class="spans list-filter" role="group" aria-label="Which lots">
          {SHOWN.map(([label, query]) => (
            <button key={label} type="button" aria-pressed={query === shown} onClick={() => setShown(query)}>
              {label}
            </button>
          ))}
        </div>
        <input
          class="search"
          type="search"
          aria-label="Lot number begins with"
          placeholder="Lot number"
          value={q}
          onInput={(event) => setQ(event.currentTarget.value.trim())}
        />
      </div>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The lots could not be loaded: {loaded.problem}</p>}
      {loaded?.value && rows.length === 0 && <p class="empty">No such lot.</p>}
      {rows.length > 0 && (
        <table class="list">
          <caption class="hidden">Lots, what expires first comes first</caption>
          <thead>
            <tr>
              <th scope="col">Lot</th>
              <th scope="col">Use</th>
              <th scope="col" class="number">
                In stock
              </th>
            </tr>
          </thead>
          <tbody onKeyDown={rowKeys.onKeyDown}>
            {sorted.map((lot) => {
              const expiry = expiryOf(lot, now);
              return (
                <tr key={lot.id}>
                  <th scope="row">
                    <button
                      type="button"
                      class="link opener"
                      {...rowKeys.opener(detailKey({ kind: "lot", id: lot.id }))}
                      onClick={() => openDetail({ kind: "lot", id: lot.id })}
                    >
                      {lot.number}
                    </button>
                    <span class="kind">{lot.name}</span>
                  </th>
                  <td>
                    <span class={expiry.isBad ? "problem" : ""}>{expiry.text}</span>
                    {lot.on_hold && <span class="kind problem">▲ on hold</span>}
                  </td>
                  <td class="number">
                    {formatQuantity(lot.quantity, lot.unit)}
                    {lot.places > 1 && <span class="kind">at {lot.places} places</span>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {!complete && <p class="empty">There are more lots than this page loads: narrow them by their number.</p>}
    </>
  );
}

/** Adds a lot before the first of it comes. */
function NewLot() {
  if (!useMay(mayManage)) return null;
  return <Action label="New lot">{(onDone) => <NewLotForm onDone={onDone} />}</Action>;
}

function NewLotForm({ onDone }: { onDone: () => void }) {
  const items = useItems();
  const suppliers = useParties("supplier");
  const seesAll = useMay(mayManageAll);
  return (
    <RecordForm<Schemas["NewLot"]>
      label="New lot"
      action="Add"
      inline
      fields={[
        { name: "item_id", label: "Product", type: "id", options: items, required: true },
        { name: "number", label: "Lot number", required: true },
        { name: "expires_on", label: "Expires on", placeholder: "2027-03-31", pattern: DAY_PATTERN },
        { name: "supplier_id", label: "Received from", type: "id", options: suppliers },
        { name: "release_condition", label: "Released when" },
        ...(seesAll ? [{ name: "hold", label: "Hold it at once, because" } as const] : []),
      ]}
      onSubmit={async (body) => {
        const { id } = await post("/lots", body);
        onDone();
        openDetail({ kind: "lot", id });
      }}
    />
  );
}
