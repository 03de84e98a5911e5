import { post, Problem } from "../../../state/client.ts";
import { formText } from "../../controls/form-text.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";

const EXAMPLE = `{
  "eventType": ["ObjectEvent"],
  "EQ_bizStep": ["shipping", "receiving"]
}`;

/** A query under a name: the parameters of SimpleEventQuery, as JSON. */
export function NewQuery({ onDone }: { onDone: () => void }) {
  const { busy, problem, run } = useWrite();
  return (
    <form
      class="fields"
      aria-label="Add a named query"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const [name, query] = [formText(given, "name") ?? "", formText(given, "query") ?? ""];
        void run(async () => {
          await post("/epcis/queries", { name: name.trim(), query: parametersOf(query) });
          onDone();
        });
      }}
    >
      <label>
        Name
        <input name="name" required maxLength={128} pattern="[A-Za-z0-9][\w.~\-]*" autocomplete="off" />
      </label>
      <label>
        Parameters of the query, as JSON
        <textarea name="query" required rows={6} spellcheck={false} defaultValue={EXAMPLE} />
      </label>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          Add
        </button>
      </div>
    </form>
  );
}

/** @throws Problem for what is no object of JSON; whether its parameters are right, the server says */
function parametersOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // What is no JSON is no object either.
  }
  throw new Problem(0, "The parameters are no JSON object, such as the one that was there.");
}
