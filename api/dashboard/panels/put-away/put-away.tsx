import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatQuantity } from "../../labels/quantities.ts";
import { getAll, post, Problem } from "../../state/client.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";
import { ScanField } from "./scan-field.tsx";
import { SuggestionCard } from "./suggestion-card.tsx";

type Suggestion = Schemas["PutAwaySuggestion"];

/** Goods that are shown at once; the others follow as these are put away. */
const MAX_GOODS = 100;

/** A refusal says everything in its text; which field was wrong tells a person who has scanned nothing. */
function describeAlert(cause: unknown): never {
  throw cause instanceof Problem ? new Problem(cause.status, cause.message, [], cause.type) : cause;
}

/** The goods of one place: the first one's suggestion is shown large, and a scan of its place books it. */
export function PutAway({ from, mayPut }: { from: number; mayPut: boolean }) {
  const [version, setVersion] = useState(0);
  const [chosen, setChosen] = useState<number>();
  const [done, setDone] = useState<string | null>(null);
  const { busy, problem, run } = useWrite();
  const path = `/locations/${from}/put-away` as const;
  const [typed, setTyped] = useState<{ of: string; quantity: number }>();
  const loaded = useLoad(path, version, async (signal) => {
    return { version, ...(await getAll(`${path}?limit=100`, MAX_GOODS, signal)) };
  });
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">The goods could not be loaded: {loaded.problem}</p>;
  const { rows, complete } = loaded.value;
  const current = rows.find(({ id }) => id === chosen) ?? rows[0];
  // Until what was put away is read anew, the next scan waits.
  const isBusy = busy || loaded.value.version !== version;
  const best = current?.places[0];
  const key = `${current?.id} ${current?.quantity} ${best?.location_id}`;
  const quantity = typed?.of === key ? typed.quantity : (best?.quantity ?? current?.quantity ?? 0);

  async function put(goods: Suggestion, where: { location_id: number } | { code: string }): Promise<void> {
    const answer = await post(path, { inventory_item_id: goods.id, quantity, ...where }).catch(describeAlert);
    setDone(`${formatQuantity(answer.quantity, goods.unit)} of ${goods.name}: now at ${answer.location_name}.`);
    // The rest of the same goods is next.
    setChosen(answer.left > 0 ? goods.id : undefined);
    setVersion((before) => before + 1);
  }

  /** A code of a product chooses its goods, any other code says where the chosen ones were put. */
  async function take(code: string): Promise<void> {
    if (current === undefined) return;
    const suggested = current.places.find((place) => place.code.toLowerCase() === code.toLowerCase());
    if (suggested !== undefined) return put(current, { code: suggested.code });
    const [found] = (await getAll(`${path}?code=${encodeURIComponent(code)}&limit=1`, 1)).rows;
    if (found === undefined) return put(current, { code });
    setChosen(found.id);
  }

  function act(work: () => Promise<void>): void {
    setDone(null);
    void run(work);
  }

  return (
    <div class="put-away" aria-busy={isBusy}>
      {mayPut && current !== undefined && <ScanField busy={isBusy} onScan={(code) => act(() => take(code))} />}
      <p class="done" role="status">
        {done}
      </p>
      <ProblemText problem={problem} />
      {current === undefined && <p class="empty">Nothing is to be put away here.</p>}
      {current !== undefined && (
        <SuggestionCard
          of={current}
          busy={isBusy}
          mayPut={mayPut}
          quantity={quantity}
          onQuantity={(given) => setTyped({ of: key, quantity: given })}
          onPut={(locationId) => act(() => put(current, { location_id: locationId }))}
        />
      )}
      {rows.length > 1 && (
        <section aria-label="Goods here">
          <h2>{complete ? `${rows.length} to put away` : `The first ${rows.length} to put away`}</h2>
          <ul class="goods">
            {rows.map((row) => (
              <li key={row.id}>
                <button type="button" aria-pressed={row.id === current?.id} onClick={() => setChosen(row.id)}>
                  <strong>{row.name}</strong>
                  <span class="muted">
                    {formatQuantity(row.quantity, row.unit)}
                    {row.condition !== "good" && `, ${row.condition === "hold" ? "on hold" : row.condition}`} →{" "}
                    {row.places.length === 0 ? "no place" : row.places.map(({ name }) => name).join(", ")}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
