import { useState } from "preact/hooks";
import { formText } from "../panels/controls/form-text.ts";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useWrite } from "../panels/controls/use-write.ts";
import { post } from "../state/client.ts";

/** Changes the person's own password. Passwords are sent as they are typed, spaces too. */
export function PasswordForm() {
  const { busy, problem, run } = useWrite();
  const [isDone, setIsDone] = useState(false);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setIsDone(false);
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const change = { current: formText(fields, "current") ?? "", new: formText(fields, "new") ?? "" };
    if (!(await run(() => post("/auth/password", change)))) return;
    form.reset();
    setIsDone(true);
  }
  return (
    <section class="card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <form class="fields" aria-label="Change your password" onSubmit={(event) => void submit(event)}>
        <label>
          Current password
          <input name="current" type="password" autocomplete="current-password" required />
        </label>
        <label>
          New password
          <input name="new" type="password" autocomplete="new-password" required minLength={8} />
        </label>
        <ProblemText problem={problem} />
        {isDone && <p role="status">Your password is changed. Your other sessions have ended.</p>}
        <div class="actions">
          <button type="submit" disabled={busy}>
            Change password
          </button>
        </div>
      </form>
    </section>
  );
}
