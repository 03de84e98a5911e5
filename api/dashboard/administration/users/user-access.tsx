import { useState } from "preact/hooks";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { post, put, remove } from "../../state/client.ts";
import { ConfirmButton } from "../../panels/controls/confirm-button.tsx";
import { OneTimeLinkBox } from "../one-time-link.tsx";
import type { OneTimeLink, User } from "./user.ts";

/** Lets a user in, or keeps the user out. What the server would refuse in this state has no button. */
export function UserAccess({ user, isSelf, onChanged }: { user: User; isSelf: boolean; onChanged: () => void }) {
  const { busy, problem, run } = useWrite();
  const [link, setLink] = useState<{ label: string; value: OneTimeLink }>();
  const [said, setSaid] = useState<string>();
  const path = `/users/${user.id}` as const;

  async function act(done: string, change: () => Promise<unknown>): Promise<void> {
    setSaid(undefined);
    if (!(await run(change))) return;
    setSaid(done);
    onChanged();
  }
  async function make(label: string, request: () => Promise<OneTimeLink>): Promise<void> {
    const isMade = await run(async () => setLink({ label, value: await request() }));
    if (isMade) onChanged();
  }
  const isActive = user.state === "active";

  return (
    <section aria-label={`Access of ${user.email}`}>
      <div class="actions">
        {user.state === "invited" && (
          <button
            type="button"
            disabled={busy}
            onClick={() => void make("New invitation.", () => post(`${path}/invitation`, {}))}
          >
            New invitation link
          </button>
        )}
        {isActive && !user.identity_provider && (
          <button
            type="button"
            disabled={busy}
            onClick={() => void make("Link for a new password.", () => post(`${path}/reset`, {}))}
          >
            Reset link
          </button>
        )}
        {isActive && !isSelf && (
          <ConfirmButton
            label="Sign out everywhere"
            question="End all sessions?"
            disabled={busy}
            onConfirm={() => void act("Signed out everywhere.", () => remove(`${path}/sessions`))}
          />
        )}
        {user.second_factor && !isSelf && (
          <ConfirmButton
            label="Remove second factor"
            question="The password alone will do. Remove it?"
            disabled={busy}
            onConfirm={() => void act("The second factor is removed.", () => remove(`${path}/totp`))}
          />
        )}
        {user.state === "invited" && (
          <ConfirmButton
            label="Withdraw invitation"
            question="Remove this user?"
            disabled={busy}
            onConfirm={() => void act("Removed.", () => remove(path))}
          />
        )}
        {user.active && user.state !== "invited" && !isSelf && (
          <ConfirmButton
            label="Deactivate"
            question="Nobody can sign in as this user. Deactivate?"
            disabled={busy}
            onConfirm={() => void act("Deactivated.", () => put(path, { active: false }))}
          />
        )}
        {!user.active && (
          <button type="button" disabled={busy} onClick={() => void act("Active.", () => put(path, { active: true }))}>
            Activate
          </button>
        )}
      </div>
      <ProblemText problem={problem} />
      {said !== undefined && <p role="status">{said}</p>}
      {link !== undefined && <OneTimeLinkBox label={link.label} value={link.value} />}
    </section>
  );
}
