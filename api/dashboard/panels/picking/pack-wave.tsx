import { useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { get, post } from "../../state/client.ts";
import type { Order } from "../../state/resources.ts";
import { Problem } from "../../state/client.ts";
import { Action } from "../controls/action.tsx";
import { InlineForm } from "../controls/inline-form.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";
import { PackForm } from "../orders/pack-form.tsx";

interface PackWaveProps {
  orderIds: readonly number[];
  /** changes when something was picked */
  version: string;
  onPacked: () => void;
}

/** Pieces in the open box of each order, by order and line. */
type Boxes = Readonly<Record<string, number>>;
const key = (orderId: number, line: number): string => `${orderId} ${line}`;

/** What was picked for several orders at once is split again: each scan tells into whose box the piece goes. */
export function PackWave({ orderIds, version, onPacked }: PackWaveProps) {
  const [boxes, setBoxes] = useState<Boxes>({});
  const [told, setTold] = useState<string | null>(null);
  const { busy, problem, run } = useWrite();
  const loaded = useLoad(`orders ${orderIds.join()}`, version, (signal) =>
    Promise.all(orderIds.map((id) => get(`/orders/${id}`, signal))),
  );
  const orders = loaded?.value ?? [];
  if (loaded?.problem) return <p class="problem">Its orders could not be loaded: {loaded.problem}</p>;
  const loose = (order: Order, line: Order["lines"][number]) =>
    line.picked - line.packed - (boxes[key(order.id, line.line)] ?? 0);
  const open = orders.filter(({ lines }) => lines.some(({ picked, packed }) => picked > packed));
  if (open.length === 0) return null;

  async function onScan(code: string): Promise<void> {
    setTold(null);
    const hits = await get(`/search?limit=10&q=${encodeURIComponent(code)}`);
    const items = new Set(
      hits.flatMap((hit) => (hit.kind === "item" && hit.match === "exact" ? [Number(hit.id)] : [])),
    );
    if (items.size === 0) throw new Problem(0, `“${code}” is the code of no product.`);
    for (const order of orders) {
      const line = order.lines.find((each) => items.has(each.item_id) && loose(order, each) > 0);
      if (line === undefined) continue;
      const name = key(order.id, line.line);
      setBoxes((before) => ({ ...before, [name]: (before[name] ?? 0) + 1 }));
      return setTold(`Into the box of ${order.reference ?? `order ${order.id}`}.`);
    }
    throw new Problem(0, "No order of this list waits for one more of these.");
  }
  const inBox = (order: Order) =>
    order.lines.flatMap(({ line }) => {
      const quantity = boxes[key(order.id, line)] ?? 0;
      return quantity > 0 ? [{ line, quantity }] : [];
    });
  async function close(order: Order): Promise<void> {
    if (await run(() => post(`/orders/${order.id}/pack`, { units: [{ contents: inBox(order) }] }))) closed(order);
  }
  function closed(order: Order): void {
    setBoxes((before) =>
      Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith(`${order.id} `))),
    );
    onPacked();
  }

  return (
    <section aria-label="Packing">
      <h3>Packing</h3>
      <InlineForm label="Pack by scan" action="Put in" empties onSubmit={(field) => onScan(field("piece"))}>
        <label>
          Scan one piece
          <input name="piece" autocomplete="off" autocapitalize="off" spellcheck={false} maxLength={255} required />
        </label>
      </InlineForm>
      {told !== null && (
        <p class="pick-ok" role="status">
          {told}
        </p>
      )}
      <ul class="lines">
        {open.map((order) => {
          const packed = inBox(order).reduce((sum, { quantity }) => sum + quantity, 0);
          const left = order.lines.reduce((sum, line) => sum + loose(order, line), 0);
          return (
            <li key={order.id} class="with-form">
              <span class="grow">{order.reference ?? `Order ${order.id}`}</span>
              <span class="number">
                {formatCount(packed)} in the box · {formatCount(left)} to pack
              </span>
              <button type="button" disabled={busy || packed === 0} onClick={() => void close(order)}>
                Close the box
              </button>
              {packed > 0 && (
                <Action label="Weigh it">
                  {() => (
                    <PackForm
                      orderId={order.id}
                      contents={inBox(order)}
                      action="Close and weigh"
                      onPacked={() => closed(order)}
                    />
                  )}
                </Action>
              )}
            </li>
          );
        })}
      </ul>
      <ProblemText problem={problem} />
    </section>
  );
}
