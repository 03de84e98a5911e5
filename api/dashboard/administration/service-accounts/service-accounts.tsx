import { useState } from "preact/hooks";
import { getAll, post } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { AccountForm } from "./account-form.tsx";
import { AccountRow, AccountSecret } from "./account-row.tsx";
import type { ServiceAccountWithSecret } from "./account.ts";

/** The MQTT accounts of gateways and bridges, with the topics that each may use. */
export function ServiceAccounts() {
  const [added, setAdded] = useState<ServiceAccountWithSecret>();
  return (
    <EntryPage
      label="MQTT accounts"
      intro="Gateways and bridges speak MQTT for many devices. Each may use its topics, and nothing else."
      empty="There are no MQTT accounts yet."
      of="service-accounts"
      load={(signal) => getAll(`/service-accounts?${PAGE_QUERY}`, MAX_ROWS, signal)}
      added={added !== undefined && <AccountSecret label={`Secret of ${added.id}.`} account={added} />}
      adding={[
        {
          label: "Add an MQTT account",
          form: (onDone) => (
            <AccountForm
              label="Add an MQTT account"
              action="Add and show its secret"
              onSubmit={async (fields) => {
                setAdded(await post("/service-accounts", fields));
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows }, onChanged) =>
        rows.map((account) => <AccountRow key={account.id} account={account} onChanged={onChanged} />)
      }
    </EntryPage>
  );
}
