import { useState } from "preact/hooks";
import { FieldsForm } from "../../panels/controls/fields-form.tsx";
import type { Location } from "../../state/resources.ts";
import { expiryOf, LastDayField } from "../last-day-field.tsx";
import { chosenLocations, chosenOwners, LimitsField } from "../limits-field.tsx";
import { ROLE_HINTS, ROLES } from "../users/user.ts";
import type { ApiClient } from "./client.ts";

/** What the form says of a client. */
export type ClientFields = Pick<ApiClient, "name" | "role" | "location_ids" | "owner_ids" | "expires_at">;

interface ClientFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  client?: ApiClient;
  locations: readonly Location[];
  onSubmit: (fields: ClientFields) => Promise<unknown>;
}

/** Name, role, limits and last day of an API client. */
export function ClientForm({ label, action, client, locations, onSubmit }: ClientFormProps) {
  const [isLimited, setIsLimited] = useState((client?.location_ids ?? null) !== null);
  const role = client?.role ?? "viewer";
  return (
    <FieldsForm
      label={label}
      action={action}
      onSubmit={(text, form) =>
        onSubmit({
          name: text("name"),
          role: text("role") as ApiClient["role"],
          location_ids: chosenLocations(form),
          owner_ids: chosenOwners(form),
          expires_at: expiryOf(text("expires"), client),
        })
      }
    >
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" defaultValue={client?.name ?? ""} />
      </label>
      <label>
        Role
        <select name="role">
          {ROLES.map((each) => (
            <option key={each} value={each} selected={each === role}>
              {each} – {ROLE_HINTS[each]}
            </option>
          ))}
        </select>
      </label>
      <LastDayField system={client} />
      <LimitsField
        locations={locations}
        chosen={client?.location_ids ?? null}
        owners={client?.owner_ids ?? null}
        isLimited={isLimited}
        onLimited={setIsLimited}
      />
    </FieldsForm>
  );
}
