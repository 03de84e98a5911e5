import { useState } from "preact/hooks";
import { getAll, post } from "../../state/client.ts";
import type { Person } from "../../state/roles.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { loadLocations } from "../load-locations.ts";
import { OneTimeLinkBox } from "../one-time-link.tsx";
import type { OneTimeLink } from "./user.ts";
import { UserForm } from "./user-form.tsx";
import { UserRow } from "./user-row.tsx";

/** All users: who they are, what they may do and see, and whether they can get in. */
export function Users({ person }: { person: Person }) {
  const [invited, setInvited] = useState<{ email: string; link: OneTimeLink }>();
  return (
    <EntryPage
      label="Users"
      empty="There are no users."
      of="users"
      load={async (signal) => {
        const [users, locations] = await Promise.all([
          getAll(`/users?${PAGE_QUERY}`, MAX_ROWS, signal),
          loadLocations(signal),
        ]);
        return { rows: users.rows, locations };
      }}
      added={
        invited !== undefined && <OneTimeLinkBox label={`Invitation for ${invited.email}.`} value={invited.link} />
      }
      adding={[
        {
          label: "Invite a user",
          form: (onDone, { locations }) => (
            <UserForm
              label="Invite a user"
              action="Make invitation link"
              locations={locations}
              onSubmit={async (fields) => {
                const { email, invitation } = await post("/users", fields);
                if (invitation !== undefined) setInvited({ email, link: invitation });
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations }, onChanged) =>
        rows.map((user) => (
          <UserRow
            key={user.id}
            user={user}
            isSelf={user.id === person.id}
            locations={locations}
            onChanged={onChanged}
          />
        ))
      }
    </EntryPage>
  );
}
