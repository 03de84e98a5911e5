import { formatQuantity, formatCount } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Lot } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { useParties } from "../controls/use-items.ts";
import { useAll, useGet } from "../controls/use-load.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { expiryOf } from "./expiry.ts";
import { LotActions } from "./lot-actions.tsx";
import { LotRecall } from "./lot-recall.tsx";
import { useReads } from "./use-reads.ts";

const MAX_ROWS = 50;

/** One lot: when it expires, whether it is on hold, where it is and was. */
export function LotDetail({ id }: { id: number }) {
  const [reads, readAgain] = useReads();
  const loaded = useGet(`/lots/${id}`, reads);
  const lot = loaded?.value;
  return (
    <DetailFrame label={`Lot ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The lot could not be loaded: {loaded.problem}</p>}
      {lot && (
        <>
          <LotFacts lot={lot} />
          <LotActions lot={lot} onChanged={readAgain} />
          <LotRecall lot={lot} version={reads} />
          <LotMovements lot={lot} version={reads} />
          <LotHolds lot={lot} version={reads} />
        </>
      )}
    </DetailFrame>
  );
}

function LotFacts({ lot }: { lot: Lot }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const suppliers = useParties("supplier");
  const expiry = expiryOf(lot, now);
  return (
    <>
      <h2>Lot {lot.number}</h2>
      {lot.on_hold && (
        <p class="problem">
          ▲ On hold: {lot.hold_reason} {lot.held_at !== null && `(since ${formatDateTime(lot.held_at, where)})`}
        </p>
      )}
      {expiry.isBad && <p class="problem">{expiry.text}: nobody may use it</p>}
      <Facts
        of={[
          [
            "Product",
            <button
              key="item"
              type="button"
              class="link"
              data-opens={detailKey({ kind: "item", id: lot.item_id })}
              onClick={() => openDetail({ kind: "item", id: lot.item_id })}
            >
              {lot.name}
            </button>,
          ],
          ["SKU", <span class="code">{lot.sku}</span>],
          ["Use", expiry.text],
          ["In stock", formatQuantity(lot.quantity, lot.unit)],
          ["Of it on hold", lot.quantity_on_hold === 0 ? null : formatQuantity(lot.quantity_on_hold, lot.unit)],
          [
            "Received from",
            lot.supplier_id &&
              (suppliers.find(([id]) => id === lot.supplier_id)?.[1] ?? `party ${String(lot.supplier_id)}`),
          ],
          ["Released when", lot.release_condition],
        ]}
      />
    </>
  );
}

interface PartProps {
  lot: Lot;
  version: number;
}

/** What came and went of the lot, newest first. */
function LotMovements({ lot, version }: PartProps) {
  const where = useStore(timeZone);
  const { locations } = useStore(appData);
  const loaded = useGet(`/lots/${lot.id}/movements?limit=${MAX_ROWS}`, version);
  if (loaded?.problem) return <p class="problem">Its history could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value || loaded.value.length === 0) return null;
  return (
    <section aria-label="History">
      <h3>History</h3>
      <ol class="timeline" aria-label="What came and went">
        {loaded.value.map((row) => (
          <li key={`${row.id} ${row.inventory_item_id}`}>
            <p>
              <strong>{`${row.change > 0 ? "+" : "−"}${formatCount(Math.abs(row.change))}`}</strong>{" "}
              {locations.has(row.location_id) ? <PlaceLink id={row.location_id} /> : `location ${row.location_id}`} →{" "}
              {formatQuantity(row.quantity, lot.unit)}
              {row.condition !== "good" && <span class="muted"> · {row.condition}</span>}
            </p>
            <p class="muted">
              <time dateTime={row.at}>{formatDateTime(row.at, where)}</time>
              {[row.reason, row.device_id, row.actor_id && `person ${row.actor_id}`]
                .filter(Boolean)
                .map((word) => ` · ${word}`)}
            </p>
          </li>
        ))}
      </ol>
      {loaded.value.length === MAX_ROWS && <p class="empty">The newest {MAX_ROWS} are listed.</p>}
    </section>
  );
}

/** Who held it and who released it, newest first. */
function LotHolds({ lot, version }: PartProps) {
  const where = useStore(timeZone);
  const loaded = useAll(`/lots/${lot.id}/holds?limit=50`, version);
  if (loaded?.problem) return <p class="problem">Its holds could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value || loaded.value.length === 0) return null;
  const by = (person: number | null) => (person === null ? "" : ` · person ${person}`);
  return (
    <section aria-label="Holds">
      <h3>Holds</h3>
      <ol class="timeline" aria-label="Holds and releases">
        {loaded.value.map((hold) => (
          <li key={hold.id}>
            <p>
              <strong>Held</strong> {hold.reason}
            </p>
            <p class="muted">
              <time dateTime={hold.held_at}>{formatDateTime(hold.held_at, where)}</time>
              {by(hold.held_by)}
            </p>
            {hold.released_at !== null && (
              <>
                <p>
                  <strong>Released</strong> {hold.release_reason}
                </p>
                <p class="muted">
                  <time dateTime={hold.released_at}>{formatDateTime(hold.released_at, where)}</time>
                  {by(hold.released_by)}
                </p>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
