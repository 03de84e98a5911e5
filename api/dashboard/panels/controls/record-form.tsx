import { useState } from "preact/hooks";
import { Problem } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { instantOf, localTextOf } from "../../labels/times.ts";
import { ProblemText } from "./problem-text.tsx";
import { useWrite } from "./use-write.ts";

/** One field of a resource, as a form asks for it. */
export interface Field<Name extends string = string> {
  /** in the body of the request */
  name: Name;
  label: string;
  /** text by default; `id`: the number that a choice stands for; `words`: several, with commas */
  type?: "text" | "number" | "id" | "time" | "date" | "boolean" | "long" | "json" | "words";
  /** what may be chosen: value and label */
  options?: readonly (readonly [value: string | number, label: string])[];
  required?: boolean;
  /** what it is now, or by default */
  value?: unknown;
  placeholder?: string;
  min?: number;
  pattern?: string;
}

export type FieldValues = Readonly<Record<string, string>>;

/** Fields of a body, e.g. `FieldsOf<Schemas["NewItem"]>`: a name that the body does not have does not compile. */
export type FieldsOf<Body extends object> = readonly Field<keyof Body & string>[];

interface RecordFormProps<Body extends object> {
  label: string;
  /** on its button */
  action: string;
  /** or those that fit what is chosen in others */
  fields: FieldsOf<Body> | ((chosen: FieldValues) => FieldsOf<Body>);
  /** only what was changed is sent, and what was emptied as null */
  isChange?: boolean;
  /** in one line, within a detail */
  inline?: boolean;
  /** the form is emptied when it succeeds */
  empties?: boolean;
  onSubmit: (body: Body) => Promise<unknown>;
}

/**
 * A form for a resource of the API: labels with fields, a button, and why the server refused it. Its body holds what the fields
 * name; whether each value is right, the server says.
 */
export function RecordForm<Body extends object = Record<string, unknown>>(props: RecordFormProps<Body>) {
  const { label, action, fields, isChange = false, inline = false, empties = false, onSubmit } = props;
  const { busy, problem, run } = useWrite();
  const [chosen, setChosen] = useState<FieldValues>({});
  const shown = typeof fields === "function" ? fields(chosen) : fields;
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const texts = textsOf(form);
    const isDone = await run(async () => onSubmit(bodyOf(shown, texts, isChange) as Body));
    if (!isDone || !empties) return;
    form.reset();
    setChosen({});
  }
  return (
    <form
      class={inline ? "inline-form" : "fields"}
      aria-label={label}
      onSubmit={(event) => void submit(event)}
      onInput={(event) => setChosen(textsOf(event.currentTarget))}
    >
      {shown.map((field) => (
        <label key={field.name}>
          {field.label}
          <Control field={field} />
        </label>
      ))}
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class={inline ? "" : "primary"} disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}

const YES_OR_NO = [
  ["true", "yes"],
  ["false", "no"],
] as const;

function Control({ field }: { field: Field }) {
  const {
    name,
    type = "text",
    options = type === "boolean" ? YES_OR_NO : undefined,
    required = false,
    placeholder,
    min,
    pattern,
  } = field;
  const text = textOf(field);
  if (options !== undefined) {
    return (
      <select name={name} required={required}>
        {!required && <option value="">–</option>}
        {options.map(([value, title]) => (
          <option key={value} value={value} selected={String(value) === text}>
            {title}
          </option>
        ))}
      </select>
    );
  }
  const common = { name, required, placeholder, defaultValue: text };
  if (type === "long" || type === "json") return <textarea {...common} rows={3} spellcheck={false} />;
  if (type === "number") return <input {...common} type="number" step="any" min={min} />;
  if (type === "date") return <input {...common} type="date" />;
  if (type === "time") return <input {...common} type="datetime-local" />;
  return <input {...common} maxLength={255} pattern={pattern} autocomplete="off" />;
}

function textsOf(form: HTMLFormElement): FieldValues {
  const entries = [...new FormData(form)];
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === "string" ? value.trim() : ""]));
}

function textOf({ value, type }: Field): string {
  if (value === undefined || value === null) return "";
  if (type === "time") return localTextOf(value as string, timeZone.get());
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}

function bodyOf(fields: readonly Field[], texts: FieldValues, isChange: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? "";
    if (isChange ? text === textOf(field) : text === "") continue;
    body[field.name] = text === "" ? null : valueOf(field, text);
  }
  return body;
}

/** @throws Problem when the text is no such value */
function valueOf({ type, label }: Field, text: string): unknown {
  if (type === "number" || type === "id") return Number(text);
  if (type === "time") return instantOf(text, timeZone.get());
  if (type === "boolean") return text === "true";
  if (type === "words") return text.split(",").map((word) => word.trim());
  if (type !== "json") return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(0, `${label}: this is not JSON`);
  }
}
