import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../../../administration/entry-page.tsx";
import { getAll, post } from "../../../state/client.ts";
import { choicesOf } from "../../controls/use-items.ts";
import { ConnectionForm } from "./connection-form.tsx";
import { ConnectionRow } from "./connection-row.tsx";

/** Other systems that hold the same items, orders and stock: whether both are in step, and what they do not agree on. */
export function Erp() {
  return (
    <EntryPage
      label="ERP"
      intro="Orders and master data come from the ERP; deliveries, receipts, stock movements and, where you say so, orders that are placed here go there. Each document is made once."
      empty="There is no ERP: orders are placed here alone."
      of="ERP connections"
      load={async (signal) => {
        const [connections, states, locations] = await Promise.all([
          getAll(`/erp/connections?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/erp?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
        ]);
        const stateOf = new Map(states.rows.map((state) => [state.id, state]));
        const rows = connections.rows.flatMap((connection) => {
          const state = stateOf.get(connection.id);
          return state === undefined ? [] : [{ id: connection.id, connection, state }];
        });
        // A warehouse is a place with all below it: shelves are chosen by the API only, and shown where they are.
        const mapped = new Set(
          rows.flatMap(({ connection }) => connection.options.warehouses?.map((each) => each.location_id)),
        );
        const places = locations.rows.filter(({ id, parent_id }) => parent_id === null || mapped.has(id));
        return { rows, locations: choicesOf(places) };
      }}
      adding={[
        {
          label: "Connect an ERP",
          form: (onDone, { locations }) => (
            <ConnectionForm
              label="Connect an ERP"
              action="Connect"
              locations={locations}
              onSubmit={async (fields) => {
                await post("/erp/connections", fields);
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations }, onChanged) =>
        rows.map(({ id, connection, state }) => (
          <ConnectionRow key={id} {...{ connection, state, locations, onChanged }} />
        ))
      }
    </EntryPage>
  );
}
