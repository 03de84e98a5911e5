import { FieldsForm } from "../../panels/controls/fields-form.tsx";
import { expiryOf, LastDayField } from "../last-day-field.tsx";
import type { ServiceAccount } from "./account.ts";

/** What the form says of an account. */
export type AccountFields = Pick<ServiceAccount, "id" | "name" | "publish" | "subscribe" | "expires_at">;

interface AccountFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  account?: ServiceAccount;
  onSubmit: (fields: AccountFields) => Promise<unknown>;
}

/** The lines of a text that are not empty. */
const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Name and topic filters of an MQTT account. */
export function AccountForm({ label, action, account, onSubmit }: AccountFormProps) {
  return (
    <FieldsForm
      label={label}
      action={action}
      onSubmit={(text) =>
        onSubmit({
          id: account?.id ?? text("id"),
          name: text("name") === "" ? null : text("name"),
          publish: linesOf(text("publish")),
          subscribe: linesOf(text("subscribe")),
          expires_at: expiryOf(text("expires"), account),
        })
      }
    >
      {account === undefined && (
        <label>
          User name, which its client ids begin with
          <input name="id" required maxLength={128} pattern="[A-Za-z0-9._:~@\-]+" autocomplete="off" />
        </label>
      )}
      <label>
        Description
        <input name="name" maxLength={255} autocomplete="off" defaultValue={account?.name ?? ""} />
      </label>
      <Filters name="publish" label="May publish to, one filter a line" lines={account?.publish} />
      <Filters name="subscribe" label="May subscribe to, one filter a line" lines={account?.subscribe} />
      <LastDayField system={account} />
    </FieldsForm>
  );
}

const Filters = ({ name, label, lines = [] }: { name: string; label: string; lines?: string[] | undefined }) => (
  <label>
    {label}
    <textarea name={name} rows={3} placeholder="devices/+/gps" spellcheck={false} defaultValue={lines.join("\n")} />
  </label>
);
