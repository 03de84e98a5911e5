import { EntryPage } from "../../../administration/entry-page.tsx";
import { getAll } from "../../../state/client.ts";
import { NewQuery } from "./new-query.tsx";
import { QueryRow } from "./query-row.tsx";

/** Queries of an installation, at most. */
const MOST = 1_000;

/** Queries with a name, and who is told of what they find. */
export function NamedQueries() {
  return (
    <section aria-label="Named queries">
      <h2>Named queries</h2>
      <EntryPage
        label="Named queries"
        intro="Partners read what a named query finds, or subscribe to it: each new event is posted to them, signed if they wish."
        empty="There are no named queries."
        of="epcis-queries"
        load={(signal) => getAll(`/epcis/queries?perPage=${MOST}`, MOST, signal)}
        adding={[{ label: "Add a named query", form: (onDone) => <NewQuery onDone={onDone} /> }]}
      >
        {({ rows }, onChanged) => rows.map((query) => <QueryRow key={query.name} {...{ query, onChanged }} />)}
      </EntryPage>
    </section>
  );
}
