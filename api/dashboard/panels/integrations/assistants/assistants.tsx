import { formatCount, formatQuantity } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { timeZone } from "../../../state/clock.ts";
import { mayAdminister, type Person } from "../../../state/roles.ts";
import { useStore } from "../../../state/store.ts";
import { useGet } from "../../controls/use-load.ts";
import { ConnectAssistant } from "./connect-assistant.tsx";

/** Whether assistants may ask, how to connect one, what they may ask, and how often they did. */
export function Assistants({ person }: { person: Person }) {
  const where = useStore(timeZone);
  const loaded = useGet("/assistants", 0);
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">{loaded.problem}</p>;
  const { enabled, url, token_url: tokenUrl, tools, counted_since: since } = loaded.value;
  const calls = tools.reduce((sum, tool) => sum + tool.calls, 0);
  return (
    <>
      <p class="muted">
        Assistants (AI programs that speak the Model Context Protocol) may ask where shipments are, what is low and what
        needs attention. Their tools only read. Each question is answered with the role and the limits of the account
        that asks.
      </p>
      {enabled ? (
        <ConnectAssistant url={url} tokenUrl={tokenUrl} mayAddClients={mayAdminister(person)} />
      ) : (
        <section class="card" aria-label="Connect an assistant">
          <p>
            <strong>Assistants may not ask: it is switched off.</strong>
          </p>
          <p>
            To switch it on, set the environment variable <code>MCP=on</code> where the API is started, and start it
            again. They ask at <code>{url}</code> then.
          </p>
        </section>
      )}
      <h2>What they may ask</h2>
      {enabled && (
        <p class="muted">
          {calls === 0 ? "No calls" : formatQuantity(calls, "call")} in the last 24 hours, as counted by this server
          since {formatDateTime(since, where)}.
        </p>
      )}
      <section class="card" aria-label="Tools of assistants">
        <ul class="assistant-tools">
          {tools.map(({ name, title, description, calls: asked, unanswered, last_called_at: last }) => (
            <li key={name} title={description}>
              <span>{title}</span> <code>{name}</code>
              {enabled && last !== null && (
                <span class="muted">
                  {formatQuantity(asked, "call")}
                  {unanswered > 0 && `, ${formatCount(unanswered)} without an answer`}; the last{" "}
                  {formatDateTime(last, where)}
                </span>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
