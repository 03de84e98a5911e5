import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { postFile } from "../../state/client.ts";
import { typeOf } from "./import-kinds.ts";

/** Goes on with an import that was interrupted: the same file is chosen again, and its rows that are written are passed over. */
export function ContinueImport({ id, onContinued }: { id: number; onContinued: () => void }) {
  const { busy, problem, run } = useWrite();
  const send = (file: File | undefined) => {
    if (file === undefined) return;
    void run(async () => {
      await postFile(`/imports/${id}/resume`, typeOf(file.name), file);
      onContinued();
    });
  };
  return (
    <>
      <label class="link">
        {busy ? "Sending …" : "Go on with the same file"}
        <input
          type="file"
          disabled={busy}
          accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json"
          onChange={(event) => send(event.currentTarget.files?.[0])}
        />
      </label>
      <ProblemText problem={problem} />
    </>
  );
}
