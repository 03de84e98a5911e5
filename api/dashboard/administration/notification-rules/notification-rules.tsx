import { useState } from "preact/hooks";
import { choicesOf } from "../../panels/controls/use-items.ts";
import { getAll, post } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { SecretBox } from "../secret-box.tsx";
import { NotificationForm } from "./notification-form.tsx";
import { NotificationRow } from "./notification-row.tsx";

/** Who is told of which alerts. */
export function NotificationRules() {
  const [made, setMade] = useState<{ name: string; secret: string }>();
  return (
    <EntryPage
      label="Notification rules"
      intro="A rule says who is told of which alerts, by mail, in their browsers or in a chat. Each alert is told once, and once more when nobody acknowledges it."
      empty="There are no notification rules: alerts are shown on the page, and nobody is told."
      of="notification-rules"
      added={
        made && (
          <SecretBox
            label={`${made.name} signs what it sends (Standard Webhooks).`}
            values={[["Signing secret", made.secret]]}
          />
        )
      }
      load={async (signal) => {
        const [rules, locations] = await Promise.all([
          getAll(`/notification-rules?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
        ]);
        return { rows: rules.rows, locations: choicesOf(locations.rows) };
      }}
      adding={[
        {
          label: "Add a notification rule",
          form: (onDone, { locations }) => (
            <NotificationForm
              label="Add a notification rule"
              action="Add"
              locations={locations}
              onSubmit={async (fields) => {
                const { name, secret } = await post("/notification-rules", fields);
                setMade(secret === null ? undefined : { name, secret });
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations }, onChanged) =>
        rows.map((rule) => <NotificationRow key={rule.id} {...{ rule, locations, onChanged }} />)
      }
    </EntryPage>
  );
}
