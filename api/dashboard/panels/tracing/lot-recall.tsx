import { formatQuantity } from "../../labels/quantities.ts";
import { PIECE_STATE_LABELS, STATUS_LABELS, plainLabel } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { getAll } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Lot } from "../../state/resources.ts";
import type { Row } from "../../state/operations.ts";
import { useStore } from "../../state/store.ts";
import type { Detail } from "../../state/view.ts";
import { useLoad } from "../controls/use-load.ts";

const MAX_ROWS = 2000;
type RecallRow = Row<`/lots/${number}/recall`>;

/** Everything that holds the lot or has held it, and the same as a file. */
export function LotRecall({ lot, version }: { lot: Lot; version: number }) {
  const path = `/lots/${lot.id}/recall?limit=200` as const;
  const loaded = useLoad(path, version, (signal) => getAll(path, MAX_ROWS, signal));
  if (loaded?.problem) return <p class="problem">Where it went could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value) return <p class="empty">Loading …</p>;
  const { rows, complete } = loaded.value;
  const isHere = ({ kind, quantity }: RecallRow) => kind !== "stock" || quantity > 0;
  const places = new Set(rows.filter(isHere).map(({ kind, location_id }) => kind === "stock" && location_id));
  // Where it is in another condition, it is still there.
  const past = rows.filter((row) => !isHere(row) && !places.has(row.location_id ?? false));
  return (
    <section aria-label="Recall">
      <h3>Recall</h3>
      <p>
        <a href={`/lots/${lot.id}/recall.csv`} download={`recall-lot-${lot.id}.csv`}>
          Export as CSV
        </a>
      </p>
      {rows.length === 0 && <p class="empty">Nothing holds it or has held it.</p>}
      <ul class="lines recall" aria-label="Holds it">
        {rows.filter(isHere).map((row) => (
          <RecallLine key={`${row.kind} ${row.id}`} row={row} unit={lot.unit} />
        ))}
      </ul>
      {past.length > 0 && (
        <>
          <h3>Was there</h3>
          <ul class="lines recall" aria-label="Has held it">
            {past.map((row) => (
              <RecallLine key={`${row.kind} ${row.id}`} row={row} unit={lot.unit} />
            ))}
          </ul>
        </>
      )}
      {!complete && <p class="problem">There are more than this page loads: the file has all of them.</p>}
    </section>
  );
}

const DETAIL_OF: Record<RecallRow["kind"], Exclude<Detail["kind"], "device">> = {
  stock: "stock",
  shipment: "shipment",
  piece: "serial",
};

function RecallLine({ row, unit }: { row: RecallRow; unit: string }) {
  const where = useStore(timeZone);
  const detail = { kind: DETAIL_OF[row.kind], id: row.id } as Detail;
  const place = row.place ?? "an unknown place";
  const title =
    row.kind === "stock" ? place : row.kind === "shipment" ? `Shipment ${row.code} to ${place}` : `Serial ${row.code}`;
  return (
    <li>
      <span class="grow">
        <button type="button" class="link" data-opens={detailKey(detail)} onClick={() => openDetail(detail)}>
          {title}
        </button>{" "}
        <span class="muted">
          {statusOf(row, place)}
          {row.until !== null && ` until ${formatDateTime(row.until, where)}`}
        </span>
      </span>
      <span class="number">
        {row.kind !== "piece" && row.quantity > 0 && formatQuantity(row.quantity, unit)}
        {row.until !== null && row.moved_in !== null && <span class="muted">{formatQuantity(row.moved_in, unit)}</span>}
      </span>
    </li>
  );
}

function statusOf({ kind, status }: RecallRow, place: string): string {
  if (kind === "shipment") return STATUS_LABELS[status as keyof typeof STATUS_LABELS] ?? plainLabel(status);
  if (kind === "piece") return `${PIECE_STATE_LABELS[status as keyof typeof PIECE_STATE_LABELS] ?? status} ${place}`;
  return status === "good" ? "" : status === "hold" ? "on hold" : status;
}
