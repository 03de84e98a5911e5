import { useState } from "preact/hooks";
import { formatDateTime } from "../../labels/times.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useGet } from "../../panels/controls/use-load.ts";
import { useWrite } from "../../panels/controls/use-write.ts";
import { post, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { Device } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../../panels/controls/confirm-button.tsx";
import { SecretBox } from "../secret-box.tsx";
import { ConnectBox } from "./connect-box.tsx";

/** The secrets of a device that are valid, a new one, and a token for clients that need one. */
export function DeviceCredentials({ device, path }: { device: Device; path: `/devices/${string}` }) {
  const where = useStore(timeZone);
  const [reads, setReads] = useState(0);
  const { busy, problem, run } = useWrite();
  const [secret, setSecret] = useState<string>();
  const [token, setToken] = useState<string>();
  const loaded = useGet(`${path}/credentials`, reads);
  const credentials = loaded?.value ?? [];
  async function act(change: () => Promise<unknown>): Promise<void> {
    if (await run(change)) setReads((before) => before + 1);
  }
  return (
    <section aria-label={`Secrets of ${device.id}`}>
      <h3>Secrets</h3>
      <ul>
        {credentials.map(({ id, created_at }) => (
          <li key={id} class="actions">
            of {formatDateTime(created_at, where)}
            <ConfirmButton
              label="Revoke"
              question="Connections that use it end. Revoke it?"
              disabled={busy}
              onConfirm={() => void act(() => remove(`${path}/credentials/${id}`))}
            />
          </li>
        ))}
      </ul>
      {loaded?.value?.length === 0 && <p class="muted">None is valid: it cannot connect by a secret.</p>}
      <div class="actions">
        <ConfirmButton
          label="New secret"
          question={
            credentials.length > 1 ? "The older of the two ends. Go on?" : "The present one stays valid. Go on?"
          }
          disabled={busy}
          onConfirm={() => void act(async () => setSecret((await post(`${path}/credentials`, {})).secret))}
        />
        <button
          type="button"
          disabled={busy}
          onClick={() => void act(async () => setToken((await post(`${path}/tokens`, {})).token))}
        >
          New token
        </button>
      </div>
      <ProblemText problem={problem ?? loaded?.problem ?? null} />
      {secret !== undefined && <ConnectBox device={device} secret={secret} isOpen />}
      {token !== undefined && <SecretBox label="New token." values={[["Token, in place of the password", token]]} />}
    </section>
  );
}
