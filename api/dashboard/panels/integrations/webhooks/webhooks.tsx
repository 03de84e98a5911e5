import { useState } from "preact/hooks";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../../../administration/entry-page.tsx";
import { SecretBox } from "../../../administration/secret-box.tsx";
import { getAll, post } from "../../../state/client.ts";
import { choicesOf } from "../../controls/use-items.ts";
import { WebhookForm } from "./webhook-form.tsx";
import { WebhookRow } from "./webhook-row.tsx";

/** Endpoints of other systems that are told of what happens. */
export function Webhooks() {
  const [made, setMade] = useState<{ url: string; secret: string }>();
  return (
    <EntryPage
      label="Webhooks"
      intro="Each event is posted to the URL as a signed CloudEvent, and tried again for three days until it is accepted."
      empty="There are no webhooks: no other system is told of what happens."
      of="webhooks"
      added={
        made && (
          <SecretBox
            label={`Events to ${made.url} are signed (Standard Webhooks).`}
            values={[["Signing secret", made.secret]]}
          />
        )
      }
      load={async (signal) => {
        const [webhooks, locations, parties] = await Promise.all([
          getAll(`/webhooks?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/parties?${PAGE_QUERY}`, MAX_ROWS, signal),
        ]);
        const owners = parties.rows.filter(({ roles }) => roles.includes("owner"));
        return { rows: webhooks.rows, locations: choicesOf(locations.rows), owners: choicesOf(owners) };
      }}
      adding={[
        {
          label: "Add a webhook",
          form: (onDone, { locations, owners }) => (
            <WebhookForm
              label="Add a webhook"
              action="Add"
              {...{ locations, owners }}
              onSubmit={async (fields) => {
                const { url, secret } = await post("/webhooks", fields);
                setMade({ url, secret });
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations, owners }, onChanged) =>
        rows.map((webhook) => <WebhookRow key={webhook.id} {...{ webhook, locations, owners, onChanged }} />)
      }
    </EntryPage>
  );
}
