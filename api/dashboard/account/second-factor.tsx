import type { Schemas } from "../../client/index.ts";
import { useState } from "preact/hooks";
import { formText } from "../panels/controls/form-text.ts";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useWrite } from "../panels/controls/use-write.ts";
import { post, remove } from "../state/client.ts";
import type { Person } from "../state/roles.ts";
import { refreshPerson } from "../state/session.ts";

type Enrolment = Schemas["TotpEnrolment"];

/** Turns the person's second factor on or off: codes of an authenticator app. */
export function SecondFactor({ person }: { person: Person }) {
  const [recoveryCodes, setRecoveryCodes] = useState<string[]>();
  return (
    <section class="card" aria-labelledby="second-factor-title">
      <h2 id="second-factor-title">Second factor</h2>
      {recoveryCodes !== undefined && (
        <RecoveryCodes codes={recoveryCodes} onKept={() => setRecoveryCodes(undefined)} />
      )}
      {person.second_factor ? (
        recoveryCodes === undefined && <TurnOff codesLeft={person.recovery_codes_left ?? 0} />
      ) : (
        <TurnOn
          onDone={async (codes) => {
            setRecoveryCodes(codes);
            await refreshPerson();
          }}
        />
      )}
    </section>
  );
}

function TurnOn({ onDone }: { onDone: (recoveryCodes: string[]) => Promise<void> }) {
  const { busy, problem, run } = useWrite();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  if (enrolment === undefined) {
    return (
      <>
        <p>Off. With it, signing in needs your password and a code of an authenticator app on your phone.</p>
        <ProblemText problem={problem} />
        <div class="actions">
          <button
            type="button"
            disabled={busy}
            onClick={() =>
              void run(async () => {
                const answer = await post("/auth/totp", {});
                if ("secret" in answer) setEnrolment(answer);
              })
            }
          >
            Set up
          </button>
        </div>
      </>
    );
  }
  function confirm(event: SubmitEvent): void {
    event.preventDefault();
    const code = formText(new FormData(event.currentTarget as HTMLFormElement), "code") ?? "";
    void run(async () => {
      const answer = await post("/auth/totp", { code });
      if ("recovery_codes" in answer) await onDone(answer.recovery_codes);
    });
  }
  return (
    <form class="fields" aria-label="Set up a second factor" onSubmit={confirm}>
      <p>Scan this with your authenticator app, or enter the key by hand. Then type the code that the app shows.</p>
      <img
        class="qr"
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.qr_svg)}`}
        alt="QR code of the key below"
        width="200"
        height="200"
      />
      <p>
        Key: <code class="key">{enrolment.secret.replace(/(.{4})(?!$)/g, "$1 ")}</code>
      </p>
      <label>
        Code
        <input name="code" inputMode="numeric" autocomplete="one-time-code" required maxLength={64} />
      </label>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          Turn on
        </button>
        <button type="button" onClick={() => setEnrolment(undefined)}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <div role="status">
      <p>
        <strong>The second factor is on.</strong> Keep these recovery codes where you do not keep your phone. Each works
        once in place of a code. They are shown only now. Your other sessions have ended.
      </p>
      <ol class="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="actions">
        <button type="button" class="primary" onClick={onKept}>
          I have kept them
        </button>
      </div>
    </div>
  );
}

function TurnOff({ codesLeft }: { codesLeft: number }) {
  const { busy, problem, run } = useWrite();
  const [isOpen, setIsOpen] = useState(false);
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const proof = { password: formText(form, "password") ?? "", code: formText(form, "code") ?? "" };
    void run(async () => {
      await remove("/auth/totp", proof);
      await refreshPerson();
    });
  }
  return (
    <>
      <p>
        On: signing in needs your password and a code of your authenticator app. Recovery codes left: {codesLeft}.
        {codesLeft < 3 && " For new ones turn it off and set it up again."}
      </p>
      {!isOpen && (
        <div class="actions">
          <button type="button" onClick={() => setIsOpen(true)}>
            Turn off
          </button>
        </div>
      )}
      {isOpen && (
        <form class="fields" aria-label="Turn the second factor off" onSubmit={submit}>
          <label>
            Password
            <input name="password" type="password" autocomplete="current-password" required />
          </label>
          <label>
            Code, or a recovery code
            <input name="code" autocomplete="one-time-code" required maxLength={64} />
          </label>
          <ProblemText problem={problem} />
          <div class="actions">
            <button type="submit" class="danger" disabled={busy}>
              Turn off
            </button>
            <button type="button" onClick={() => setIsOpen(false)}>
              Cancel
            </button>
          </div>
        </form>
      )}
    </>
  );
}
