import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { Order, OrderLine } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { Action } from "../controls/action.tsx";
import { InlineForm } from "../controls/inline-form.tsx";
import { useMay } from "../controls/use-person.ts";
import { DAY_PATTERN } from "../tracing/expiry.ts";

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

/** Statuses in which goods are awaited. */
const AWAITED: Readonly<Record<string, readonly Order["status"][]>> = {
  restock: ["sent", "partial"],
  transfer: ["shipped", "partial"],
  return: ["approved", "partial"],
};

/** Takes in what has arrived of an order: what was expected, good and damaged, more or less. */
export function OrderReceipt({ order, onChanged }: { order: Order; onChanged: () => void }) {
  const isHandler = useMay(mayHandle);
  if (!isHandler || AWAITED[order.kind]?.includes(order.status) !== true) return null;
  return (
    <Action label="Receive">
      {(onDone) => (
        <ReceiptForm
          order={order}
          onDone={() => {
            onDone();
            onChanged();
          }}
        />
      )}
    </Action>
  );
}

const CONDITIONS = [
  ["good", "Good"],
  ["damaged", "Damaged"],
  ["scrap", "Thrown away"],
] as const;
type Counted = Readonly<Record<(typeof CONDITIONS)[number][0], number>>;

/**
 * What of a line is awaited still. A person says what has arrived of a restock order or a transfer in all: what sensors saw is not
 * counted twice.
 */
function awaitedOf({ kind }: Order, line: OrderLine): number {
  const { person = 0, ...others } = line.received_by;
  const seen = Object.values(others).reduce((sum, quantity) => sum + quantity, 0);
  const told = Math.max(person + line.damaged + line.scrapped, line.received - seen);
  const expected = kind === "transfer" ? line.shipped : line.quantity - line.cancelled;
  return Math.max(0, expected - told);
}

function ReceiptForm({ order, onDone }: { order: Order; onDone: () => void }) {
  const { stock } = useStore(appData);
  const names = new Map([...stock.values()].map((item) => [item.item_id, item.name]));
  const [counted, setCounted] = useState<readonly Counted[]>(
    order.lines.map((line) => ({ good: awaitedOf(order, line), damaged: 0, scrap: 0 })),
  );
  const isSeen = order.lines.some(
    ({ received, received_by: { person = 0, ...others } }) => received > person && Object.keys(others).length > 0,
  );
  const count = (at: number, name: keyof Counted, quantity: number) =>
    setCounted((before) => before.map((each, index) => (index === at ? { ...each, [name]: quantity } : each)));
  return (
    <>
      {isSeen && <p class="muted">Say what has arrived in all. What was seen of it already is not counted twice.</p>}
      <InlineForm
        label="Receive"
        action="Receive"
        onSubmit={async (field) => {
          const lines = order.lines.flatMap(({ line }, at) => {
            const [lot, expires_on] = [field(`lot ${at}`), field(`expires ${at}`)];
            const of = { ...(lot !== "" && { lot }), ...(expires_on !== "" && { expires_on }) };
            return CONDITIONS.flatMap(([condition]) => {
              const quantity = counted[at]?.[condition] ?? 0;
              return quantity > 0 ? [{ line, quantity, condition, ...of }] : [];
            });
          });
          const evidence = field("evidence");
          await post(`/orders/${order.id}/receive`, {
            lines,
            ...(field("short") === "yes" && { short: true }),
            ...(evidence !== "" && { evidence }),
          });
          onDone();
        }}
      >
        {order.lines.map((line, at) => (
          <fieldset key={line.line} class="receipt-line">
            <legend>{names.get(line.item_id) ?? `Item ${line.item_id}`}</legend>
            <p class="muted">
              {formatCount(awaitedOf(order, line))} expected
              {line.received > 0 && `, ${formatCount(line.received)} received before`}
            </p>
            {CONDITIONS.map(([condition, label]) => (
              <label key={condition}>
                {label}
                <input
                  type="number"
                  min={0}
                  value={counted[at]?.[condition] ?? 0}
                  onInput={(event) => count(at, condition, Math.max(0, event.currentTarget.valueAsNumber || 0))}
                />
              </label>
            ))}
            <label>
              Lot
              <input name={`lot ${at}`} maxLength={64} autocomplete="off" />
            </label>
            <label>
              Expires on
              <input name={`expires ${at}`} placeholder="2027-03-31" pattern={DAY_PATTERN} autocomplete="off" />
            </label>
            <Difference expected={awaitedOf(order, line)} counted={counted[at]!} />
          </fieldset>
        ))}
        <label>
          The rest
          <select name="short">
            <option value="">–</option>
            <option value="yes">will not come</option>
          </select>
        </label>
        <label>
          Delivery note
          <input name="evidence" maxLength={2000} autocomplete="off" />
        </label>
      </InlineForm>
    </>
  );
}

/** What is missing, or more than was expected. */
function Difference({ expected, counted }: { expected: number; counted: Counted }) {
  const more = counted.good + counted.damaged + counted.scrap - expected;
  return (
    <output class={more === 0 ? "pick-ok" : "problem"}>
      {more === 0 ? "as expected" : more > 0 ? `${formatCount(more)} extra` : `${formatCount(-more)} missing`}
    </output>
  );
}
