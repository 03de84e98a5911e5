import { formatDateTime } from "../../labels/times.ts";
import { post, put, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { Location } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { EntryRow } from "../entry-row.tsx";
import { limitsText } from "../limits-text.ts";
import { SecretBox } from "../secret-box.tsx";
import { SystemAccess } from "../system-access.tsx";
import { UseState } from "../use-state.tsx";
import { ClientForm } from "./client-form.tsx";
import type { ApiClient, ApiClientWithSecret } from "./client.ts";

interface ClientRowProps {
  client: ApiClient;
  locations: readonly Location[];
  onChanged: () => void;
}

/** One API client: a line, which opens to change it. */
export function ClientRow({ client, locations, onChanged }: ClientRowProps) {
  const where = useStore(timeZone);
  const { id, client_id, name, role, active, secrets } = client;
  const path = `/api-clients/${id}` as const;
  return (
    <EntryRow
      id={id}
      who={name}
      whoNote={client_id}
      what={role}
      whatNote={limitsText(client, locations)}
      states={<UseState system={client} />}
    >
      {() => (
        <>
          <ClientForm
            // Drawn anew with what the server has.
            key={JSON.stringify(client)}
            label={`Change ${name}`}
            action="Save"
            client={client}
            locations={locations}
            onSubmit={async (fields) => {
              await put(path, fields);
              onChanged();
            }}
          />
          <SystemAccess<ApiClientWithSecret>
            name={name}
            renew={() => post(`${path}/secret`, {})}
            activate={(isActive) => put(path, { active: isActive })}
            remove={() => remove(path)}
            active={active}
            ends="Its secrets and tokens end at once."
            secretQuestion={secrets.length > 1 ? "The older of the two secrets ends." : "The present one stays valid."}
            onChanged={onChanged}
            shown={(made) => <ClientSecret label="New secret." client={made} />}
          >
            Valid secrets:{" "}
            {secrets.map((each) => `${each.prefix}… of ${formatDateTime(each.created_at, where)}`).join("; ")}
          </SystemAccess>
        </>
      )}
    </EntryRow>
  );
}

export const ClientSecret = ({ label, client }: { label: string; client: ApiClientWithSecret }) => (
  <SecretBox
    label={label}
    values={[
      ["Client id", client.client_id],
      ["Client secret", client.client_secret],
      [
        "Try it",
        `curl -u '${client.client_id}:${client.client_secret}' -d grant_type=client_credentials ${location.origin}/oauth/token`,
      ],
    ]}
  />
);
