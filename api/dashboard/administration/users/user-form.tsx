import { useState } from "preact/hooks";
import { formText } from "../../panels/controls/form-text.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import type { Location } from "../../state/resources.ts";
import { chosenLocations, chosenOwners, LimitsField } from "../limits-field.tsx";
import { ROLE_HINTS, ROLES, type User } from "./user.ts";

/** What the form says of a user. */
export interface UserFields {
  email: string;
  name: string | null;
  role: User["role"];
  location_ids: number[] | null;
  owner_ids: number[] | null;
}

interface UserFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  user?: User;
  locations: readonly Location[];
  onSubmit: (fields: UserFields) => Promise<unknown>;
}

/** Address, name, role and limits of a user. */
export function UserForm({ label, action, user, locations, onSubmit }: UserFormProps) {
  const { busy, problem, run } = useWrite();
  const [isLimited, setIsLimited] = useState((user?.location_ids ?? null) !== null);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => (formText(form, name) ?? "").trim();
    const name = text("name");
    const limits = { location_ids: chosenLocations(form), owner_ids: chosenOwners(form) };
    await run(() =>
      onSubmit({
        email: text("email"),
        name: name === "" ? null : name,
        role: text("role") as User["role"],
        ...limits,
      }),
    );
  }
  return (
    <form class="fields" aria-label={label} onSubmit={(event) => void submit(event)}>
      <label>
        E-mail
        <input name="email" type="email" required maxLength={254} autocomplete="off" defaultValue={user?.email ?? ""} />
      </label>
      <label>
        Name
        <input name="name" maxLength={255} autocomplete="off" defaultValue={user?.name ?? ""} />
      </label>
      <label>
        Role
        <select name="role" defaultValue={user?.role ?? "viewer"}>
          {ROLES.map((role) => (
            <option key={role} value={role} selected={role === (user?.role ?? "viewer")}>
              {role} – {ROLE_HINTS[role]}
            </option>
          ))}
        </select>
      </label>
      <LimitsField
        locations={locations}
        chosen={user?.location_ids ?? null}
        owners={user?.owner_ids ?? null}
        isLimited={isLimited}
        onLimited={setIsLimited}
      />
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}
