import { useState } from "preact/hooks";
import { FieldsForm } from "../../panels/controls/fields-form.tsx";
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
  const [isLimited, setIsLimited] = useState((user?.location_ids ?? null) !== null);
  return (
    <FieldsForm
      label={label}
      action={action}
      onSubmit={(text, form) =>
        onSubmit({
          email: text("email"),
          name: text("name") === "" ? null : text("name"),
          role: text("role") as User["role"],
          location_ids: chosenLocations(form),
          owner_ids: chosenOwners(form),
        })
      }
    >
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
    </FieldsForm>
  );
}
