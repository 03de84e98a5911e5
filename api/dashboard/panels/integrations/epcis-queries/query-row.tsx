import { useState } from "preact/hooks";
import { EntryRow } from "../../../administration/entry-row.tsx";
import { Removal } from "../../../administration/removal.tsx";
import { remove } from "../../../state/client.ts";
import type { EpcisQuery } from "../../../state/resources.ts";
import { useAll } from "../../controls/use-load.ts";
import { NewSubscription } from "./new-subscription.tsx";
import { SubscriptionRow } from "./subscription-row.tsx";

/** A named query as one line, which opens to its subscriptions. */
export function QueryRow({ query: { name, query }, onChanged }: { query: EpcisQuery; onChanged: () => void }) {
  return (
    <EntryRow
      id={name}
      who={name}
      what={Object.entries(query)
        .map(([parameter, value]) => `${parameter}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
        .join(" · ")}
      states={null}
    >
      {() => (
        <>
          <Subscriptions of={name} />
          <Removal
            question="Its subscriptions end with it. Remove this query?"
            remove={() => remove(`/epcis/queries/${encodeURIComponent(name)}`)}
            onChanged={onChanged}
          />
        </>
      )}
    </EntryRow>
  );
}

function Subscriptions({ of }: { of: string }) {
  const [version, setVersion] = useState(0);
  const again = () => setVersion((before) => before + 1);
  const loaded = useAll(`/epcis/queries/${encodeURIComponent(of)}/subscriptions?perPage=100`, version);
  return (
    <section aria-label={`Subscriptions of ${of}`}>
      <h3>Subscriptions</h3>
      {loaded !== undefined && loaded.problem !== null && (
        <p class="problem">Subscriptions could not be loaded: {loaded.problem}</p>
      )}
      {loaded?.value?.length === 0 && <p class="empty">Nobody is told of what it finds.</p>}
      <ul class="plain">
        {loaded?.value?.map((subscription) => (
          <SubscriptionRow key={subscription.subscriptionID} subscription={subscription} onChanged={again} />
        ))}
      </ul>
      <NewSubscription of={of} onDone={again} />
    </section>
  );
}
