import type { ComponentChildren } from "preact";
import { formText } from "./form-text.ts";
import { ProblemText } from "./problem-text.tsx";
import { useWrite } from "./use-write.ts";

interface FieldsFormProps {
  label: string;
  /** of the button */
  action: string;
  /** @param text what a field says, without spaces around it; "" for none */
  onSubmit: (text: (name: string) => string, form: FormData) => Promise<unknown>;
  children: ComponentChildren;
}

/** A form with fields of its own: it sends what they say, and shows why that was refused. */
export function FieldsForm({ label, action, onSubmit, children }: FieldsFormProps) {
  const { busy, problem, run } = useWrite();
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    await run(() => onSubmit((name) => (formText(form, name) ?? "").trim(), form));
  }
  return (
    <form class="fields" aria-label={label} onSubmit={(event) => void submit(event)}>
      {children}
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}
