import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { timeZone } from "../../../state/clock.ts";
import type { ErpConnection, ErpState } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { useGet } from "../../controls/use-load.ts";

const KINDS: Record<string, string> = {
  item: "Items",
  location: "Warehouses",
  customer: "Customers",
  supplier: "Suppliers",
  sale: "Sales",
  purchase: "Purchases",
  delivery: "Deliveries",
  receipt: "Receipts",
  movement: "Stock movements",
  count: "Counts",
};

/** How many documents of each kind are known on both sides, and the newest that were made there. */
export function Documents({ connection: { id }, state }: { connection: ErpConnection; state: ErpState }) {
  const where = useStore(timeZone);
  const sums = state.documents.map(({ linked, waiting }) => `${linked}/${waiting}`).join();
  const loaded = useGet(`/erp/connections/${id}/documents?direction=out&limit=10`, sums);
  return (
    <section aria-label="Documents">
      <h3>Documents</h3>
      <div role="group" aria-label="Documents by kind" tabIndex={0} style={{ overflowX: "auto" }}>
        <table>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Direction</th>
              <th scope="col">In step</th>
              <th scope="col">Waiting</th>
              <th scope="col">Failed</th>
              <th scope="col">Last</th>
            </tr>
          </thead>
          <tbody>
            {state.documents.map(({ kind, direction, linked, waiting, failed, last_synced_at: last }) => (
              <tr key={`${kind} ${direction}`}>
                <td>{KINDS[kind] ?? kind}</td>
                <td>{direction === "in" ? "from the ERP" : "to the ERP"}</td>
                <td>{formatCount(linked)}</td>
                <td>{formatCount(waiting)}</td>
                <td>{formatCount(failed)}</td>
                <td>{last === null ? "never" : formatDateTime(last, where)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="plain">
        {(loaded?.value ?? []).map((document) => (
          <li key={document.id}>
            {KINDS[document.kind] ?? document.kind} {document.number ?? document.key}: {document.state}
            {document.problem !== null && `, ${document.problem}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
