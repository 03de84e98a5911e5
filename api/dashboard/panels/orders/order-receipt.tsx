import type { Schemas } from "../../../client/index.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { Order } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useMay } from "../controls/use-person.ts";

type Sources = Schemas["Order"]["lines"][number]["received_by"];

const SOURCE_LABELS: Record<keyof Sources, string> = {
  scale: "scale",
  rfid: "RFID",
  scan: "scan",
  person: "hand",
  shipment: "shipment",
};

/** " (24 by scale, 12 by hand)" */
export function sourcesText(by: Sources): string {
  const told = Object.entries(SOURCE_LABELS).flatMap(([source, label]) => {
    const quantity = by[source as keyof Sources];
    return quantity === undefined ? [] : [`${formatCount(quantity)} by ${label}`];
  });
  return told.length === 0 ? "" : ` (${told.join(", ")})`;
}

/** What has arrived of each line, and what becomes of the rest. */
type ReceiptForm = Partial<Record<`line ${number}`, number>> & { short?: "yes"; evidence?: string };

/** Takes in what has arrived of a restock order, wholly or in part. */
export function OrderReceipt({ order, onChanged }: { order: Order; onChanged: () => void }) {
  const { stock } = useStore(appData);
  const isHandler = useMay(mayHandle);
  const isAwaited = order.kind === "restock" && (order.status === "sent" || order.status === "partial");
  if (!isHandler || !isAwaited) return null;
  const nameOf = (itemId: number) =>
    [...stock.values()].find((each) => each.item_id === itemId)?.name ?? `Item ${itemId}`;
  // A person says what has arrived in all: what sensors have seen of it is not counted twice.
  const open = order.lines.map((line) => ({
    ...line,
    seen: Math.max(0, line.received - (line.received_by.person ?? 0)),
    rest: Math.max(0, line.quantity - line.cancelled - (line.received_by.person ?? 0)),
  }));
  const isSeen = open.some(({ seen }) => seen > 0);
  return (
    <Action label="Receive">
      {(onDone) => (
        <>
          {isSeen && (
            <p class="muted">Say what has arrived in all. What was seen of it already is not counted twice.</p>
          )}
          <RecordForm<ReceiptForm>
            label="Receive"
            action="Receive"
            inline
            fields={[
              ...open.map(({ item_id: itemId, rest }, at) => ({
                name: `line ${at}` as const,
                label: nameOf(itemId),
                type: "number" as const,
                min: 0,
                value: rest,
              })),
              { name: "short", label: "The rest", options: [["yes", "will not come"]] as const },
              { name: "evidence", label: "Delivery note" },
            ]}
            onSubmit={({ short, evidence, ...given }) =>
              post(`/orders/${order.id}/receive`, {
                lines: open.flatMap(({ item_id }, at) => {
                  const quantity = given[`line ${at}`] ?? 0;
                  return quantity > 0 ? [{ item_id, quantity }] : [];
                }),
                ...(short === "yes" && { short: true }),
                ...(evidence ? { evidence } : {}),
              }).then(() => {
                onDone();
                onChanged();
              })
            }
          />
        </>
      )}
    </Action>
  );
}
