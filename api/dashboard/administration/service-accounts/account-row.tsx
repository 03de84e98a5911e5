import { formatDateTime } from "../../labels/times.ts";
import { post, put, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { EntryRow } from "../entry-row.tsx";
import { SecretBox } from "../secret-box.tsx";
import { SystemAccess } from "../system-access.tsx";
import { UseState } from "../use-state.tsx";
import { AccountForm } from "./account-form.tsx";
import type { ServiceAccount, ServiceAccountWithSecret } from "./account.ts";

const filtersText = (filters: readonly string[]): string => (filters.length === 0 ? "nothing" : filters.join(", "));

/** One MQTT account: a line, which opens to change it. */
export function AccountRow({ account, onChanged }: { account: ServiceAccount; onChanged: () => void }) {
  const where = useStore(timeZone);
  const { id, name, publish, subscribe, active } = account;
  const path = `/service-accounts/${encodeURIComponent(id)}` as const;
  return (
    <EntryRow
      id={id}
      who={id}
      whoNote={name}
      what={`publishes ${filtersText(publish)}`}
      whatNote={`subscribes ${filtersText(subscribe)}`}
      states={<UseState system={account} />}
    >
      {() => (
        <>
          <AccountForm
            // Drawn anew with what the server has.
            key={JSON.stringify(account)}
            label={`Change ${id}`}
            action="Save"
            account={account}
            onSubmit={async (fields) => {
              const { id: _, ...change } = fields;
              await put(path, change);
              onChanged();
            }}
          />
          <SystemAccess<ServiceAccountWithSecret>
            name={id}
            renew={() => post(`${path}/credentials`, {})}
            activate={(isActive) => put(path, { active: isActive })}
            remove={() => remove(path)}
            active={active}
            ends="Its connections end."
            secretQuestion="The present one stays valid, one before it ends."
            onChanged={onChanged}
            shown={(made) => <AccountSecret label="New secret." account={made} />}
          >
            Its newest secret is of {formatDateTime(account.rotated_at ?? account.created_at, where)}.
          </SystemAccess>
        </>
      )}
    </EntryRow>
  );
}

export const AccountSecret = ({ label, account }: { label: string; account: ServiceAccountWithSecret }) => (
  <SecretBox
    label={label}
    values={[
      ["MQTT user name", account.id],
      ["MQTT password", account.secret],
    ]}
  />
);
