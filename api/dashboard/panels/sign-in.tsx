import { useState } from "preact/hooks";
import { type Session, createAdministrator, signIn } from "../state/session.ts";

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** Sign-in, and the form behind a one-time link that creates the first administrator. */
export function Door({ session }: { session: Exclude<Session, { at: "desk" }> }) {
  const [busy, setBusy] = useState(false);
  const first = session.at === "first-administrator";
  if (session.at === "asking") return <main class="door" aria-busy="true" />;

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement)) return;
    const form = new FormData(event.target);
    const [email, password] = [text(form, "email"), text(form, "password")];
    setBusy(true);
    try {
      await (session.at === "first-administrator"
        ? createAdministrator(session.token, email, password)
        : signIn(email, password));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="door">
      <form onSubmit={(event) => void submit(event)} aria-labelledby="door-title">
        <div class="brand">
          <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="28" height="28" /> Waystock
        </div>
        <h1 id="door-title">{first ? "Create the first administrator" : "Sign in"}</h1>
        {first && <p class="quiet">This link works once. Choose the address and password you will sign in with.</p>}
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
