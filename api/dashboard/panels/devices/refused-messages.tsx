import { useState } from "preact/hooks";
import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import type { Device, RefusedMessage } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { plainLabel } from "../../labels/status-labels.ts";
import { formatAge } from "../../labels/times.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useQuarantine } from "./use-quarantine.ts";

const SHOWN_FIRST = 5;
const SHOWN_MORE = 50;

interface RefusedMessagesProps {
  device: Device;
  /** of the device's messages that are in quarantine; when it changes they are read again */
  count: number;
}

/** What the device sent and was refused, newest first, with the reason; each can be tried again or deleted. */
export function RefusedMessages({ device, count }: RefusedMessagesProps) {
  const [reads, setReads] = useState(0);
  const { busy, problem, retry, drop } = useQuarantine(() => setReads((before) => before + 1));
  const [shown, setShown] = useState(SHOWN_FIRST);
  const path = `/quarantine?device_id=${encodeURIComponent(device.id)}&limit=${shown}` as const;
  const loaded = useLoad(device.id, `${count} ${reads} ${shown}`, (signal) => getAll(path, shown, signal));
  if (loaded?.problem) return <p class="problem">What was refused could not be loaded: {loaded.problem}</p>;
  const { rows, complete } = loaded?.value ?? { rows: [], complete: true };
  if (rows.length === 0) return null;

  return (
    <section class="refused" aria-label={`Refused messages of ${device.id}`}>
      <h3>Refused</h3>
      <ul>
        {rows.map((message) => (
          <Refused key={message.id} message={message} busy={busy} onRetry={retry} onDelete={drop} />
        ))}
      </ul>
      {!complete && (
        <p class="muted">
          The newest {rows.length} are shown.{" "}
          {shown < SHOWN_MORE && (
            <button type="button" class="link" onClick={() => setShown(SHOWN_MORE)}>
              Show {SHOWN_MORE}
            </button>
          )}
        </p>
      )}
      <ProblemText problem={problem} />
    </section>
  );
}

interface RefusedProps {
  message: RefusedMessage;
  busy: boolean;
  onRetry: (id: number) => Promise<boolean>;
  onDelete: (id: number) => Promise<boolean>;
}

function Refused({ message, busy, onRetry, onDelete }: RefusedProps) {
  const now = useStore(currentTime);
  return (
    <li>
      <p>
        <strong>{plainLabel(message.reason)}</strong> {message.detail}
      </p>
      <p class="muted">
        {formatAge(message.received_at, now)}{" "}
        <button type="button" class="link" disabled={busy} onClick={() => void onRetry(message.id)}>
          Try again
        </button>{" "}
        <button type="button" class="link" disabled={busy} onClick={() => void onDelete(message.id)}>
          Delete
        </button>
      </p>
    </li>
  );
}
