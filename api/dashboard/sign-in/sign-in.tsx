import { useState } from "preact/hooks";
import { type Session, signIn } from "../state/session.ts";
import { AskForReset } from "./ask-for-reset.tsx";
import { formText } from "../panels/controls/form-text.ts";
import { CodeField, EntryForm } from "./entry-form.tsx";
import { ExternalSignIn } from "./external-sign-in.tsx";
import { LinkFormPage } from "./link-form.tsx";

/** The page of somebody who is not signed in: the sign-in form, or that of a one-time link. */
export function SignIn({ session }: { session: Exclude<Session, { at: "signed-in" }> }) {
  const [isResetting, setIsResetting] = useState(false);
  if (session.at === "loading") return <main class="sign-in" aria-busy="true" />;
  if (session.at === "link") return <LinkFormPage form={session.form} message={session.message} />;
  if (isResetting) return <AskForReset onBack={() => setIsResetting(false)} />;
  return (
    <EntryForm
      title="Sign in"
      action="Sign in"
      message={session.message}
      onSubmit={(form) =>
        signIn(formText(form, "email") ?? "", formText(form, "password") ?? "", formText(form, "code")?.trim())
      }
      below={
        <>
          <ExternalSignIn />
          <button type="button" class="link" onClick={() => setIsResetting(true)}>
            Password forgotten?
          </button>
        </>
      }
    >
      <label>
        E-mail
        <input name="email" type="email" autocomplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      {session.asksCode === true && <CodeField />}
    </EntryForm>
  );
}
