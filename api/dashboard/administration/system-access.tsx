import type { ComponentChildren } from "preact";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useWrite } from "../panels/controls/use-write.ts";
import { useState } from "preact/hooks";
import { ConfirmButton } from "../panels/controls/confirm-button.tsx";

interface SystemAccessProps<WithSecret> {
  name: string;
  /** asks the API for a new secret */
  renew: () => Promise<WithSecret>;
  activate: (active: boolean) => Promise<unknown>;
  remove: () => Promise<void>;
  active: boolean;
  /** what ends when it is deactivated or removed, e.g. "Its tokens end at once." */
  ends: string;
  /** asked before a new secret is made */
  secretQuestion: string;
  onChanged: () => void;
  /** shows a new secret, once */
  shown: (made: WithSecret) => ComponentChildren;
  /** what is told of the secrets of now */
  children: ComponentChildren;
}

/** The secrets of a system, and its end. */
export function SystemAccess<WithSecret>(props: SystemAccessProps<WithSecret>) {
  const { name, renew, activate, remove, active, ends, secretQuestion, onChanged, shown, children } = props;
  const { busy, problem, run } = useWrite();
  const [made, setMade] = useState<WithSecret>();
  async function act(change: () => Promise<unknown>): Promise<void> {
    if (await run(change)) onChanged();
  }
  return (
    <section aria-label={`Access of ${name}`}>
      <p class="muted">{children}</p>
      <div class="actions">
        <ConfirmButton
          label="New secret"
          question={`${secretQuestion} Go on?`}
          disabled={busy}
          onConfirm={() => void act(async () => setMade(await renew()))}
        />
        {active ? (
          <ConfirmButton
            label="Deactivate"
            question={`${ends} Deactivate?`}
            disabled={busy}
            onConfirm={() => void act(() => activate(false))}
          />
        ) : (
          <button type="button" disabled={busy} onClick={() => void act(() => activate(true))}>
            Activate
          </button>
        )}
        <ConfirmButton
          label="Remove"
          question={`${ends} Remove it?`}
          disabled={busy}
          onConfirm={() => void act(remove)}
        />
      </div>
      <ProblemText problem={problem} />
      {made !== undefined && shown(made)}
    </section>
  );
}
