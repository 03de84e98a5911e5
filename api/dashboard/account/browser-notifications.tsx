import { useState } from "preact/hooks";
import { formatDateTime } from "../labels/times.ts";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useLoad } from "../panels/controls/use-load.ts";
import { useWrite } from "../panels/controls/use-write.ts";
import { getAll, remove } from "../state/client.ts";
import { timeZone } from "../state/clock.ts";
import { currentMark, pushObstacle, subscribeBrowser, unsubscribeBrowser } from "../state/push.ts";
import { useStore } from "../state/store.ts";
import { browserName } from "./browser-name.ts";

const MAX_ROWS = 200;

/** The browsers in which the person is notified, this one or others. */
export function BrowserNotifications() {
  const where = useStore(timeZone);
  const { busy, problem, run } = useWrite();
  const [version, setVersion] = useState(0);
  const loaded = useLoad("push-subscriptions", version, async (signal) => {
    const [{ rows }, mark] = await Promise.all([
      getAll("/push-subscriptions?limit=200", MAX_ROWS, signal),
      currentMark(),
    ]);
    return { rows, mark };
  });
  const { rows = [], mark } = loaded?.value ?? {};
  const isHere = rows.some(({ endpoint_sha256: of }) => of === mark);
  const obstacle = pushObstacle();
  const change = (work: () => Promise<unknown>) => void run(work).then(() => setVersion((before) => before + 1));
  return (
    <section class="card" aria-labelledby="browser-notifications-title">
      <h2 id="browser-notifications-title">Notifications in browsers</h2>
      <p>
        Alerts are shown by these browsers, also while this page is closed and while you are signed out. Managers say in
        notification rules who is told of which alerts.
      </p>
      {loaded !== undefined && loaded.problem !== null && <ProblemText problem={loaded.problem} />}
      {loaded?.value?.rows.length === 0 && <p class="empty">You are notified in no browser.</p>}
      <ul class="sessions">
        {rows.map(({ id, user_agent: agent, service, created_at: since, endpoint_sha256: of }) => (
          <li key={id}>
            <span>
              <strong>{browserName(agent)}</strong>
              {of === mark && <span class="state">this one</span>}
              <span class="muted">
                since {formatDateTime(since, where)}, by {service}
              </span>
            </span>
            <button
              type="button"
              disabled={busy}
              onClick={() =>
                change(async () => {
                  await remove(`/push-subscriptions/${id}`);
                  await unsubscribeBrowser(of);
                })
              }
            >
              Stop
            </button>
          </li>
        ))}
      </ul>
      {obstacle !== undefined && <p class="muted">{obstacle}</p>}
      <ProblemText problem={problem} />
      {obstacle === undefined && loaded?.value && !isHere && (
        <div class="actions">
          <button type="button" disabled={busy} onClick={() => change(subscribeBrowser)}>
            Notify me in this browser
          </button>
        </div>
      )}
    </section>
  );
}
