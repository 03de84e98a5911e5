import { type LinkForm, sendLinkForm } from "../state/session.ts";
import { formText } from "../panels/controls/form-text.ts";
import { CodeField, EntryForm } from "./entry-form.tsx";

const TITLES: Record<LinkForm["path"], string> = { "/auth/setup": "Welcome", "/auth/reset": "New password" };

/** The form of a one-time link: for the first administrator, an invitation, or a new password. */
export function LinkFormPage({ form, message }: { form: LinkForm; message: string | null }) {
  async function send(fields: FormData): Promise<void> {
    const [email, code] = [formText(fields, "email"), formText(fields, "code")?.trim()];
    await sendLinkForm(form, {
      ...(email !== undefined && { email }),
      ...(code !== undefined && { code }),
      password: formText(fields, "password") ?? "",
    });
  }
  return (
    <EntryForm
      title={form.asksEmail ? "Create the first administrator" : TITLES[form.path]}
      hint={
        form.asksEmail ? "This link works once. Choose the e-mail address and password to sign in with." : form.hint
      }
      action={form.asksEmail ? "Create and sign in" : "Set password and sign in"}
      message={message}
      onSubmit={send}
    >
      {form.asksEmail && (
        <label>
          E-mail
          <input name="email" type="email" autocomplete="username" required />
        </label>
      )}
      <label>
        Password
        <input name="password" type="password" autocomplete="new-password" required minLength={8} />
      </label>
      {form.asksCode && <CodeField />}
    </EntryForm>
  );
}
