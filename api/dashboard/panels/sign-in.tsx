import { useState } from "preact/hooks";
import { type Session, createAdministrator, signIn } from "../state/session.ts";

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** The sign-in form, or the form for a one-time link that creates the first administrator. */
export function SignIn({ session }: { session: Exclude<Session, { at: "signed-in" }> }) {
  const [busy, setBusy] = useState(false);
  const first = session.at === "setup";
  if (session.at === "loading") return <main class="sign-in" aria-busy="true" />;

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const form = new FormData(event.target);
    const [email, password] = [text(form, "email"), text(form, "password")];
    setBusy(true);
    try {
      await (session.at === "setup" ? createAdministrator(session.token, email, password) : signIn(email, password));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
        <div class="brand">
          <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="28" height="28" /> Waystock
        </div>
        <h1 id="sign-in-title">{first ? "Create the first administrator" : "Sign in"}</h1>
        {first && <p class="muted">This link works once. Choose the e-mail address and password to sign in with.</p>}
        <label>
          E-mail
          <input name="email" type="email" autocomplete="username" required />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete={first ? "new-password" : "current-password"}
            required
            {...(first ? { minLength: 8 } : {})}
          />
        </label>
        {session.message !== null && (
          <p class="problem" role="alert">
            {session.message}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {first ? "Create and sign in" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
