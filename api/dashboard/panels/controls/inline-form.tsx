import type { ComponentChildren } from "preact";
import { ProblemText } from "./problem-text.tsx";
import { useWrite } from "./use-write.ts";

interface InlineFormProps {
  label: string;
  /** on its button */
  action: string;
  /** @param field gives the trimmed text of a field. The form is emptied when it succeeds, if `empties` is set */
  onSubmit: (field: (name: string) => string) => Promise<unknown>;
  empties?: boolean;
  /** labels with their fields */
  children: ComponentChildren;
}

/** A small form within a detail: its fields, its button, and why the server refused it. */
export function InlineForm({ label, action, onSubmit, empties = false, children }: InlineFormProps) {
  const { busy, problem, run } = useWrite();
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const text = (value: FormDataEntryValue | null) => (typeof value === "string" ? value.trim() : "");
    const isDone = await run(() => onSubmit((name) => text(fields.get(name))));
    if (isDone && empties) form.reset();
  }
  return (
    <form class="inline-form" aria-label={label} onSubmit={(event) => void submit(event)}>
      {children}
      <button type="submit" disabled={busy}>
        {action}
      </button>
      <ProblemText problem={problem} />
    </form>
  );
}
