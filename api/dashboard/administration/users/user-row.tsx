import { formatDateTime } from "../../labels/times.ts";
import { serverNow, timeZone } from "../../state/clock.ts";
import { put } from "../../state/client.ts";
import type { Location } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { EntryRow } from "../entry-row.tsx";
import { limitsText } from "../limits-text.ts";
import { UserAccess } from "./user-access.tsx";
import { UserForm } from "./user-form.tsx";
import type { User } from "./user.ts";

interface UserRowProps {
  user: User;
  isSelf: boolean;
  locations: readonly Location[];
  onChanged: () => void;
}

/** One user: a line, which opens to change the user. */
export function UserRow({ user, isSelf, locations, onChanged }: UserRowProps) {
  return (
    <EntryRow
      id={user.id}
      who={user.name ?? user.email}
      whoNote={user.name === null ? null : user.email}
      what={user.role}
      whatNote={limitsText(user, locations)}
      states={<UserState user={user} isSelf={isSelf} />}
    >
      {() => (
        <>
          <UserForm
            // Drawn anew with what the server has.
            key={JSON.stringify(user)}
            label={`Change ${user.email}`}
            action="Save"
            user={user}
            locations={locations}
            onSubmit={async (fields) => {
              await put(`/users/${user.id}`, fields);
              onChanged();
            }}
          />
          <UserAccess user={user} isSelf={isSelf} onChanged={onChanged} />
        </>
      )}
    </EntryRow>
  );
}

function UserState({ user, isSelf }: { user: User; isSelf: boolean }) {
  const where = useStore(timeZone);
  const { state, invitation_expires_at: expires, reset_requested_at: asked } = user;
  const isValid = expires !== null && Date.parse(expires) > serverNow();
  return (
    <>
      {isSelf && <span class="state">you</span>}
      {state === "invited" && (
        <span class={`state ${isValid ? "" : "warn"}`}>
          {isValid ? `invited until ${formatDateTime(expires, where)}` : "invitation expired"}
        </span>
      )}
      {state === "inactive" && <span class="state">deactivated</span>}
      {state === "active" && asked !== null && <span class="state warn">asked for a reset</span>}
      {user.identity_provider && <span class="state">identity provider</span>}
      {user.second_factor && <span class="state">second factor</span>}
    </>
  );
}
