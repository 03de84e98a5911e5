import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { useGet } from "../controls/use-load.ts";

/** So many of the positions that differ are shown. */
const EXAMPLES = 5;

/** Whether every level of stock was the sum of its movements when that was last compared, and where it was not. */
export function LedgerCheck() {
  const where = useStore(timeZone);
  const loaded = useGet("/movements/check", null);
  if (loaded === undefined) return null;
  if (loaded.problem !== null) {
    return <p class="problem">The check of the stock ledger could not be loaded: {loaded.problem}</p>;
  }
  const { checked_at: checkedAt, positions, different, examples } = loaded.value;
  if (checkedAt === null) return <p class="audit-actions muted">Stock ledger: not compared yet; it is every night.</p>;
  const when = formatDateTime(checkedAt, where);
  if (different === 0) {
    return (
      <p class="audit-actions muted">
        Stock ledger, {when}: {formatCount(positions)} levels are the sums of their movements.
      </p>
    );
  }
  return (
    <p class="audit-actions problem">
      Stock ledger, {when}: {formatCount(different)} of {formatCount(positions)} levels are not the sums of their
      movements.
      {examples.slice(0, EXAMPLES).map((id) => (
        <button
          key={id}
          type="button"
          data-opens={detailKey({ kind: "stock", id })}
          onClick={() => openDetail({ kind: "stock", id })}
        >
          Position {id}
        </button>
      ))}
    </p>
  );
}
