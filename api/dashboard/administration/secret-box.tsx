import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface SecretBoxProps {
  label: string;
  values: readonly [name: string, value: string][];
  /** below them */
  children?: ComponentChildren;
}

/** Shows what a system signs in with, to be copied now: the secret cannot be shown again. */
export function SecretBox({ label, values, children }: SecretBoxProps) {
  return (
    <section class="one-time-link" role="status" aria-label={label}>
      <p>
        <strong>{label}</strong> Copy the secret now: it is shown only now.
      </p>
      {values.map(([name, value]) => (
        <CopyField key={name} name={name} value={value} />
      ))}
      {children}
    </section>
  );
}

function CopyField({ name, value }: { name: string; value: string }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  }
  return (
    <div class="copy">
      <label>
        {name}
        <input readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
      </label>
      {/* Browsers have a clipboard on HTTPS and on this machine only. */}
      {"clipboard" in navigator && (
        <button type="button" aria-label={`Copy ${name}`} onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </div>
  );
}
