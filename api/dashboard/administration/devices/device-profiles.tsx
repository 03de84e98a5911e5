import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { DEVICE_LABELS } from "../../labels/status-labels.ts";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { getAll, post, remove } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { Removal } from "../removal.tsx";
import { ProfileForm } from "./profile-form.tsx";
import { SecretBox } from "../secret-box.tsx";
import { DECODERS, KINDS } from "./device-fields.ts";

/** `certificates` is chosen by a word. */
type ProfileForm = Omit<Schemas["NewDeviceProfile"], "certificates"> & { certificates?: "yes" };

/** Keys by which new devices register themselves; they then wait under Devices for approval. */
export function DeviceProfiles() {
  const [added, setAdded] = useState<Schemas["DeviceProfileWithKey"]>();
  return (
    <EntryPage
      label="Registration keys"
      intro="A device that has such a key registers itself by POST /provision, gets its own secret, and waits under Devices for approval. Its profile also says what the fields of its payload are."
      empty="There are no registration keys yet."
      of="device-profiles"
      load={(signal) => getAll(`/device-profiles?${PAGE_QUERY}`, MAX_ROWS, signal)}
      added={
        added !== undefined && (
          <SecretBox label={`Key of ${added.name}.`} values={[["Registration key", added.profile_key]]} />
        )
      }
      adding={[
        {
          label: "Add a registration key",
          form: (onDone) => (
            <RecordForm<ProfileForm>
              label="Add a registration key"
              action="Add and show the key"
              fields={[
                { name: "name", label: "Name", required: true },
                { name: "quota", label: "How many devices may register", type: "number", min: 1, required: true },
                { name: "kind", label: "Only of this kind", options: KINDS },
                { name: "decoder", label: "Format that they send", options: DECODERS.map((name) => [name, name]) },
                {
                  name: "certificates",
                  label: "A client certificate of the trusted authority does without the key",
                  options: [["yes", "yes"]],
                },
              ]}
              onSubmit={async ({ certificates, ...profile }) => {
                const body = { ...profile, certificates: certificates === "yes" };
                setAdded(await post("/device-profiles", body));
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows }, onChanged) =>
        rows.map((profile) => (
          <EntryRow
            key={profile.id}
            id={profile.id}
            who={profile.name}
            what={profile.kind === null ? "any kind" : (DEVICE_LABELS[profile.kind] ?? profile.kind)}
            whatNote={profile.decoder}
            states={
              <>
                {profile.certificates && <span class="state">certificates</span>}
                <span class={`state ${profile.used >= profile.quota ? "warn" : ""}`}>
                  {profile.used} of {profile.quota} used
                </span>
              </>
            }
          >
            {() => (
              <>
                <ProfileForm profile={profile} onChanged={onChanged} />
                <Removal
                  question="No device can register with it any more; those that have stay, without its payload fields. Remove it?"
                  remove={() => remove(`/device-profiles/${profile.id}`)}
                  onChanged={onChanged}
                />
              </>
            )}
          </EntryRow>
        ))
      }
    </EntryPage>
  );
}
