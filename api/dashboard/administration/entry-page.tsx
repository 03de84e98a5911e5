import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useLoad } from "../panels/controls/use-load.ts";

/** Rows loaded per list at most. */
export const MAX_ROWS = 5000;
/** the largest page size of the API */
export const PAGE_QUERY = "limit=200";

interface Adding<T> {
  /** on the button that shows the form */
  label: string;
  /** `onDone` closes the form and reads the list again */
  form: (onDone: () => void, value: T) => ComponentChildren;
}

interface EntryPageProps<T> {
  /** of the list, for screen readers */
  label: string;
  intro?: string;
  empty: string;
  adding?: Adding<T>[];
  /** what was just added, such as a secret that is shown once */
  added?: ComponentChildren;
  /** what is loaded: for another one, nothing of the one before is shown */
  of: string;
  /** how many rows are asked for; those that are shown stay while more are read */
  upTo?: number;
  /** the list, and what its rows and forms need beside it */
  load: (signal: AbortSignal) => Promise<T>;
  /** above the list */
  before?: (value: T) => ComponentChildren;
  /** the rows; `onChanged` reads the list again */
  children: (value: T, onChanged: () => void) => ComponentChildren;
  /** below the list */
  end?: (value: T) => ComponentChildren;
}

/** A list of people, systems or devices, with buttons that show the forms to add some. */
export function EntryPage<T extends { rows: readonly unknown[] }>(props: EntryPageProps<T>) {
  const { label, intro, empty, adding = [], added, of, upTo, load, before: above, children, end } = props;
  const [version, setVersion] = useState(0);
  const loaded = useLoad(of, `${version} ${upTo}`, load);
  const [opened, setOpened] = useState<string>();
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) {
    return (
      <p class="problem">
        {label} could not be loaded: {loaded.problem}
      </p>
    );
  }
  const form = adding.find((each) => each.label === opened)?.form;
  const onChanged = () => setVersion((before) => before + 1);
  const onDone = () => {
    setOpened(undefined);
    onChanged();
  };
  return (
    <>
      {intro !== undefined && <p class="muted">{intro}</p>}
      {adding.length > 0 && (
        <div class="actions">
          {adding.map((each, at) => (
            <button
              key={each.label}
              type="button"
              class={at === 0 && opened === undefined ? "primary" : ""}
              aria-expanded={each.label === opened}
              onClick={() => setOpened(each.label === opened ? undefined : each.label)}
            >
              {each.label === opened ? "Cancel" : each.label}
            </button>
          ))}
        </div>
      )}
      {form !== undefined && <section class="card">{form(onDone, loaded.value)}</section>}
      {added}
      {above?.(loaded.value)}
      {loaded.value.rows.length === 0 && form === undefined && <p class="empty">{empty}</p>}
      <ul class="people" aria-label={label}>
        {children(loaded.value, onChanged)}
      </ul>
      {end?.(loaded.value)}
    </>
  );
}
