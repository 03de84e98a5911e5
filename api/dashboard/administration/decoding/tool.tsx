import { useState } from "preact/hooks";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";

interface ToolProps {
  label: string;
  fields: FieldsOf<Record<string, unknown>>;
  send: (body: Record<string, unknown>) => Promise<unknown>;
}

/** A form, and the server's answer below it. */
export function Tool({ label, fields, send }: ToolProps) {
  const [answer, setAnswer] = useState<unknown>();
  return (
    <section class="card" aria-label={label}>
      <h2>{label}</h2>
      <RecordForm
        label={label}
        action="Decode"
        fields={fields}
        onSubmit={async (body) => setAnswer(await send(body))}
      />
      {answer !== undefined && (
        <pre class="answer" role="status">
          {JSON.stringify(answer, null, 2)}
        </pre>
      )}
    </section>
  );
}
