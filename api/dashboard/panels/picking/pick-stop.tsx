import { useEffect, useRef, useState } from "preact/hooks";
import { formatCount, formatQuantity } from "../../labels/quantities.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { useWrite } from "../controls/use-write.ts";
import { lotsOf, placeText, type Stop } from "./stops.ts";

const SHORT_LABELS = [
  ["missing", "they are not there"],
  ["damaged", "they are damaged"],
  ["other", "another reason"],
] as const;

interface PickStopProps {
  listId: number;
  stop: Stop;
  onPicked: () => void;
}

/**
 * One stop, worked with a scanner that types what it reads and then Enter: first the label of the place, then that of the goods,
 * which confirms what was taken. The field keeps the focus.
 */
export function PickStop({ listId, stop, onPicked }: PickStopProps) {
  const { locations } = useStore(appData);
  const { first, rest, tasks } = stop;
  const lots = lotsOf(tasks);
  const { busy, problem, run } = useWrite();
  const [place, setPlace] = useState<string | null>(null);
  const [wrongPlace, setWrongPlace] = useState<string | null>(null);
  const [taken, setTaken] = useState(rest);
  const field = useRef<HTMLInputElement>(null);
  const section = useRef<HTMLElement>(null);
  // On a phone the map lies above it.
  useEffect(() => section.current?.scrollIntoView(), []);
  // A scanner types into what has the focus.
  useEffect(() => field.current?.focus({ preventScroll: true }), [place, problem, busy]);

  const isItsLabel = (code: string): boolean => {
    const { barcode } = locations.get(first.location_id) ?? { barcode: null };
    return code === barcode || code.toUpperCase() === `LOC-${first.location_id}`;
  };
  async function confirm(more: { code?: string; short?: "missing" | "damaged" | "other" }): Promise<void> {
    const body = {
      inventory_item_id: first.inventory_item_id,
      quantity: taken,
      ...(place !== null && { place }),
      ...more,
    };
    if (await run(() => post(`/pick-lists/${listId}/pick`, body))) onPicked();
  }
  function onScan(event: SubmitEvent): void {
    event.preventDefault();
    const code = field.current?.value.trim() ?? "";
    if (field.current) field.current.value = "";
    if (code === "" || busy) return;
    if (place !== null) return void confirm({ code });
    if (!isItsLabel(code)) return setWrongPlace(`“${code}” is not the label of ${first.location}.`);
    setWrongPlace(null);
    setPlace(code);
  }

  return (
    <section ref={section} aria-label="Next stop" class="pick-stop">
      <p class="pick-place">{placeText(first)}</p>
      <p class="pick-goods">
        <strong>{formatQuantity(rest, first.unit)}</strong> {first.name} <span class="muted">{first.sku}</span>
      </p>
      {lots.size > 0 && (
        <p class="pick-lots">
          {[...lots].map(([lot, { quantity, expires_on: day }]) => (
            <span key={lot}>
              {formatCount(quantity)} of lot <strong>{lot}</strong>
              {day !== null && `, to ${day}`}
            </span>
          ))}
        </p>
      )}
      {tasks.length > 1 && (
        <p class="muted">
          {tasks.map((task) => `${task.quantity - task.picked - task.short} for order ${task.order_id}`).join(", ")}
        </p>
      )}
      <form aria-label="Scan" class="inline-form" onSubmit={onScan}>
        <label>
          {place === null ? "Scan the place" : "Scan the goods"}
          <input ref={field} name="scan" autocomplete="off" autocapitalize="off" spellcheck={false} maxLength={255} />
        </label>
      </form>
      <div class="inline-form">
        <label>
          Taken
          <input
            name="taken"
            type="number"
            min={0}
            max={rest}
            value={taken}
            onInput={(event) => setTaken(Math.max(0, Math.min(rest, event.currentTarget.valueAsNumber || 0)))}
          />
        </label>
      </div>
      <p class="next-statuses">
        <button type="button" disabled={busy || taken === 0} onClick={() => void confirm({})}>
          Taken without a scan
        </button>
      </p>
      <details class="action">
        <summary>Fewer are there</summary>
        <p class="next-statuses">
          <span class="muted">
            {taken} taken, and {rest - taken} not, because
          </span>
          {SHORT_LABELS.map(([short, label]) => (
            <button key={short} type="button" disabled={busy || taken === rest} onClick={() => void confirm({ short })}>
              {label}
            </button>
          ))}
        </p>
      </details>
      {place !== null && <p class="pick-ok">This is the place.</p>}
      <ProblemText problem={wrongPlace ?? problem} />
    </section>
  );
}
