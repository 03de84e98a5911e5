import { useState } from "preact/hooks";
import { getAll, post } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { loadLocations } from "../load-locations.ts";
import { ClientForm } from "./client-form.tsx";
import { ClientRow, ClientSecret } from "./client-row.tsx";
import type { ApiClientWithSecret } from "./client.ts";

/** All systems that use the API: what they may do and see, until when, and when they last did. */
export function ApiClients() {
  const [added, setAdded] = useState<ApiClientWithSecret>();
  return (
    <EntryPage
      label="API clients"
      intro="Systems sign in with a client id and a secret, and get access tokens of 15 minutes."
      empty="No system uses the API yet."
      of="api-clients"
      load={async (signal) => {
        const [clients, locations] = await Promise.all([
          getAll(`/api-clients?${PAGE_QUERY}`, MAX_ROWS, signal),
          loadLocations(signal),
        ]);
        return { rows: clients.rows, locations };
      }}
      added={added !== undefined && <ClientSecret label={`Secret of ${added.name}.`} client={added} />}
      adding={[
        {
          label: "Add an API client",
          form: (onDone, { locations }) => (
            <ClientForm
              label="Add an API client"
              action="Add and show its secret"
              locations={locations}
              onSubmit={async (fields) => {
                setAdded(await post("/api-clients", fields));
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations }, onChanged) =>
        rows.map((client) => <ClientRow key={client.id} client={client} locations={locations} onChanged={onChanged} />)
      }
    </EntryPage>
  );
}
