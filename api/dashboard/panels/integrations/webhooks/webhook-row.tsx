import { EntryRow } from "../../../administration/entry-row.tsx";
import { WebhookSecrets } from "../../../administration/notification-rules/webhook-secrets.tsx";
import { Removal } from "../../../administration/removal.tsx";
import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { put, remove } from "../../../state/client.ts";
import { timeZone } from "../../../state/clock.ts";
import type { Webhook } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { Deliveries } from "./deliveries.tsx";
import { eventLabel } from "./event-choices.ts";
import { type Choices, WebhookForm } from "./webhook-form.tsx";

interface WebhookRowProps {
  webhook: Webhook;
  locations: Choices;
  owners: Choices;
  onChanged: () => void;
}

/** A webhook as one line of a list, which opens to change or remove it, and shows what was sent. */
export function WebhookRow({ webhook, locations, owners, onChanged }: WebhookRowProps) {
  const where = useStore(timeZone);
  const path = `/webhooks/${webhook.id}` as const;
  const { url, description, types, enabled, ordered, waiting } = webhook;
  const { disabled_reason: why, disabled_at: since, failing_since: failing, last_error: error } = webhook;
  return (
    <EntryRow
      id={webhook.id}
      who={description ?? new URL(url).host}
      whoNote={url}
      what={types.map(eventLabel).join(", ")}
      whatNote={placesText(webhook, locations, owners)}
      states={
        <>
          {why !== null && <span class="state warn">turned off</span>}
          {!enabled && why === null && <span class="state">off</span>}
          {failing !== null && enabled && <span class="state warn">refused</span>}
          {ordered && <span class="state">in order</span>}
          {waiting > 0 && <span class="state">{formatCount(waiting)} waiting</span>}
        </>
      }
    >
      {() => (
        <>
          {why !== null && since !== null && (
            <p class="problem">
              Turned off on {formatDateTime(since, where)}: {why}. Turn it on below, and send again what it missed.
            </p>
          )}
          {failing !== null && enabled && (
            <p class="problem">
              Nothing is accepted since {formatDateTime(failing, where)}: {error}
            </p>
          )}
          <WebhookForm
            // Drawn anew with what the server has.
            key={webhook.updated_at}
            label={`Change ${description ?? url}`}
            action="Save"
            {...{ webhook, locations, owners }}
            onSubmit={async (fields) => {
              await put(path, fields);
              onChanged();
            }}
          />
          <WebhookSecrets of={path} />
          <Deliveries webhook={webhook} />
          <Removal
            question="What waits is not sent, and the log goes. Remove this webhook?"
            remove={() => remove(path)}
            onChanged={onChanged}
          />
        </>
      )}
    </EntryRow>
  );
}

function placesText({ location_ids, owner_ids }: Webhook, locations: Choices, owners: Choices): string | null {
  const named = (ids: readonly number[] | null, choices: Choices, noun: string) =>
    ids?.map((id) => choices.find(([known]) => known === id)?.[1] ?? `${noun} ${id}`) ?? [];
  const all = [...named(location_ids, locations, "location"), ...named(owner_ids, owners, "owner")];
  return all.length === 0 ? null : `only ${all.join(", ")}`;
}
