import type { ComponentChildren } from "preact";
import { CopyField } from "../panels/controls/copy-field.tsx";

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
