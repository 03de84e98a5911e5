import { Several } from "../../../administration/notification-rules/notification-form.tsx";
import type { Webhook } from "../../../state/resources.ts";
import { formText } from "../../controls/form-text.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";
import { EVENT_CHOICES } from "./event-choices.ts";

export type Choices = readonly (readonly [id: number, name: string])[];

/** What the form says of a webhook. */
type WebhookFields = Pick<
  Webhook,
  "url" | "types" | "location_ids" | "owner_ids" | "ordered" | "description" | "enabled"
>;

interface WebhookFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  webhook?: Webhook;
  locations: Choices;
  owners: Choices;
  onSubmit: (fields: WebhookFields) => Promise<unknown>;
}

/** Where events are posted to, which, and how. */
export function WebhookForm({ label, action, webhook, locations, owners, onSubmit }: WebhookFormProps) {
  const { busy, problem, run } = useWrite();
  return (
    <form
      class="fields"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const fields = fieldsOf(new FormData(event.currentTarget));
        void run(() => onSubmit(fields));
      }}
    >
      <label>
        URL
        <input
          name="url"
          type="url"
          required
          maxLength={2000}
          autocomplete="off"
          placeholder="https://erp.example.com/waystock"
          defaultValue={webhook?.url ?? ""}
        />
      </label>
      <label>
        What it is, for people
        <input name="description" maxLength={255} autocomplete="off" defaultValue={webhook?.description ?? ""} />
      </label>
      <Several name="types" label="These events" choices={EVENT_CHOICES} chosen={webhook?.types ?? ["*"]} required />
      <Several
        name="location_ids"
        label="Only at these places; none chosen: everywhere"
        choices={locations}
        chosen={webhook?.location_ids ?? []}
      />
      {owners.length > 0 && (
        <Several
          name="owner_ids"
          label="Only about goods of these owners; none chosen: all"
          choices={owners}
          chosen={webhook?.owner_ids ?? []}
        />
      )}
      <label class="check">
        <input name="ordered" type="checkbox" defaultChecked={webhook?.ordered ?? false} /> Keep the order: the next
        event is sent when this one was accepted or given up
      </label>
      <label class="check">
        <input name="enabled" type="checkbox" defaultChecked={webhook?.enabled ?? true} /> Turned on
      </label>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}

function fieldsOf(given: FormData): WebhookFields {
  const text = (name: string) => formText(given, name)?.trim() ?? "";
  const ids = (name: string) => {
    const chosen = given.getAll(name).map(Number);
    return chosen.length === 0 ? null : chosen;
  };
  return {
    url: text("url"),
    description: text("description") === "" ? null : text("description"),
    types: given.getAll("types").map(String),
    location_ids: ids("location_ids"),
    owner_ids: ids("owner_ids"),
    ordered: given.get("ordered") !== null,
    enabled: given.get("enabled") !== null,
  };
}
