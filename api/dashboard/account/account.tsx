import { DecodeTag } from "../administration/decoding/decode-tag.tsx";
import { Frame } from "../administration/frame.tsx";
import { mayManage, type Person } from "../state/roles.ts";
import { BrowserNotifications } from "./browser-notifications.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { Sessions } from "./sessions.tsx";

/** The signed-in person's own account. */
export function Account({ person }: { person: Person }) {
  return (
    <Frame person={person} title="Your account">
      <p class="muted">
        {person.name !== null && `${person.name}, `}
        {person.email}, signed in as {person.role}
      </p>
      {person.identity_provider ? (
        <p>Your password and second factor are kept by your identity provider.</p>
      ) : (
        <>
          <PasswordForm />
          <SecondFactor person={person} />
        </>
      )}
      <BrowserNotifications />
      <Sessions />
      {!mayManage(person) && <DecodeTag />}
    </Frame>
  );
}
