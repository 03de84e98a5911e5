import { useState } from "preact/hooks";
import { post } from "../../../state/client.ts";
import { InlineForm } from "../../controls/inline-form.tsx";

/** How often a schedule of this form runs, in UTC. */
const SCHEDULES = {
  hour: { label: "each hour", schedule: { minute: "0" } },
  day: { label: "each day at midnight (UTC)", schedule: { hour: "0" } },
  week: { label: "each Monday at midnight (UTC)", schedule: { dayOfWeek: "1" } },
} as const;

/** Subscribes an address to a query. */
export function NewSubscription({ of, onDone }: { of: string; onDone: () => void }) {
  const [when, setWhen] = useState<keyof typeof SCHEDULES | "stream">("stream");
  return (
    <InlineForm
      label={`Subscribe to ${of}`}
      action="Subscribe"
      empties
      onSubmit={async (field) => {
        const token = field("token");
        await post(`/epcis/queries/${encodeURIComponent(of)}/subscriptions`, {
          dest: field("dest"),
          ...(token !== "" && { signatureToken: token }),
          ...(when === "stream"
            ? { stream: true }
            : { schedule: SCHEDULES[when].schedule, reportIfEmpty: field("empty") === "on" }),
        });
        onDone();
      }}
    >
      <label>
        URL
        <input
          name="dest"
          type="url"
          required
          maxLength={2048}
          autocomplete="off"
          placeholder="https://partner.example.com/epcis"
        />
      </label>
      <label>
        Secret that signs; may be left empty
        <input name="token" type="password" maxLength={512} autocomplete="off" />
      </label>
      <label>
        When
        <select
          name="when"
          value={when}
          onChange={(event) => setWhen(event.currentTarget.value as keyof typeof SCHEDULES | "stream")}
        >
          <option value="stream">as soon as an event is recorded</option>
          {Object.entries(SCHEDULES).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {when !== "stream" && (
        <label class="check">
          <input name="empty" type="checkbox" /> Tell, too, that there was nothing new
        </label>
      )}
    </InlineForm>
  );
}
