import { useState } from "preact/hooks";
import { ConfirmButton } from "../panels/controls/confirm-button.tsx";
import { formatDateTime } from "../labels/times.ts";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useLoad } from "../panels/controls/use-load.ts";
import { useWrite } from "../panels/controls/use-write.ts";
import { timeZone } from "../state/clock.ts";
import { getAll, remove } from "../state/client.ts";
import { signOut } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { browserName } from "./browser-name.ts";

const MAX_ROWS = 1000;

/** Where the person is signed in, and the way out of there. */
export function Sessions() {
  const where = useStore(timeZone);
  const { busy, problem, run } = useWrite();
  const [version, setVersion] = useState(0);
  const loaded = useLoad("sessions", version, (signal) => getAll("/auth/sessions?limit=200", MAX_ROWS, signal));
  return (
    <section class="card" aria-labelledby="sessions-title">
      <h2 id="sessions-title">Where you are signed in</h2>
      {loaded !== undefined && loaded.problem !== null && <ProblemText problem={loaded.problem} />}
      <ul class="sessions">
        {loaded?.value?.rows.map((session) => (
          <li key={session.id}>
            <span>
              <strong>{browserName(session.user_agent)}</strong>
              {session.current && <span class="state">this one</span>}
              <span class="muted">
                {session.address ?? "unknown address"}, signed in {formatDateTime(session.created_at, where)}, last used{" "}
                {formatDateTime(session.last_used_at, where)}
              </span>
            </span>
            {!session.current && (
              <button
                type="button"
                disabled={busy}
                onClick={() =>
                  void run(() => remove(`/auth/sessions/${session.id}`)).then(() => setVersion((before) => before + 1))
                }
              >
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <ProblemText problem={problem} />
      <div class="actions">
        <ConfirmButton
          label="Sign out everywhere"
          question="End all sessions, this one too?"
          disabled={busy}
          onConfirm={() => void signOut(true)}
        />
      </div>
    </section>
  );
}
