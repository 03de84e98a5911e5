import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useWrite } from "../panels/controls/use-write.ts";
import { ConfirmButton } from "../panels/controls/confirm-button.tsx";

interface RemovalProps {
  question: string;
  remove: () => Promise<void>;
  onChanged: () => void;
}

/** The button that removes what an open row is of, and why the server refused it. */
export function Removal({ question, remove, onChanged }: RemovalProps) {
  const { busy, problem, run } = useWrite();
  return (
    <section>
      <div class="actions">
        <ConfirmButton
          label="Remove"
          question={question}
          disabled={busy}
          onConfirm={() => void run(remove).then((isDone) => isDone && onChanged())}
        />
      </div>
      <ProblemText problem={problem} />
    </section>
  );
}
