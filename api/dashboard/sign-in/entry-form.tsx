import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** Asks for a code of the second factor; it is focused when it appears. */
export function CodeField() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <label>
      Code
      <input name="code" autocomplete="one-time-code" required maxLength={64} ref={field} />
      <span>From your authenticator app, or one of your recovery codes.</span>
    </label>
  );
}

interface EntryFormProps {
  title: string;
  action: string;
  message: string | null;
  /** below the title */
  hint?: string;
  onSubmit: (form: FormData) => Promise<void>;
  below?: ComponentChildren;
  children: ComponentChildren;
}

/** A form that fills the window. */
export function EntryForm({ title, action, message, hint, onSubmit, below, children }: EntryFormProps) {
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await onSubmit(new FormData(event.currentTarget as HTMLFormElement));
    } finally {
      setBusy(false);
    }
  }
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)} aria-labelledby="sign-in-title">
        <div class="brand">
          <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="28" height="28" /> Waystock
        </div>
        <h1 id="sign-in-title">{title}</h1>
        {hint !== undefined && <p class="muted">{hint}</p>}
        {children}
        {message !== null && (
          <p class="problem" role="alert">
            {message}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
        {below}
      </form>
    </main>
  );
}
