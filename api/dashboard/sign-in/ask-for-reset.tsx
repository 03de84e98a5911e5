import { useState } from "preact/hooks";
import { askForReset, errorText } from "../state/session.ts";
import { formText } from "../panels/controls/form-text.ts";
import { EntryForm } from "./entry-form.tsx";

/** For somebody who has forgotten the password. Whether there is such an account is not told. */
export function AskForReset({ onBack }: { onBack: () => void }) {
  const [outcome, setOutcome] = useState<{ problem: string | null }>();
  async function ask(form: FormData): Promise<void> {
    try {
      await askForReset(formText(form, "email") ?? "");
      setOutcome({ problem: null });
    } catch (cause) {
      setOutcome({ problem: errorText(cause) });
    }
  }
  const back = (
    <button type="button" class="link" onClick={onBack}>
      Back to sign-in
    </button>
  );
  if (outcome?.problem === null) {
    return (
      <main class="sign-in">
        <section role="status">
          <h1>Asked</h1>
          <p>If there is an account with this address, the administrators see that it needs a new password.</p>
          <p>They give you a link that works once.</p>
          {back}
        </section>
      </main>
    );
  }
  return (
    <EntryForm
      title="New password"
      hint="An administrator makes you a link by which you choose it."
      action="Ask for a link"
      message={outcome?.problem ?? null}
      onSubmit={ask}
      below={back}
    >
      <label>
        E-mail
        <input name="email" type="email" autocomplete="username" required />
      </label>
    </EntryForm>
  );
}
