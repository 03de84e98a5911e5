import { useState } from "preact/hooks";
import { postFile } from "../../../state/client.ts";
import { DropZone } from "../../controls/drop-zone.tsx";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";

/** Chooses a document and sends it, as a system does. */
export function CaptureForm({ onSent }: { onSent: () => void }) {
  const [file, setFile] = useState<File>();
  const [behaviour, setBehaviour] = useState("rollback");
  const { busy, problem, run } = useWrite();

  const send = () => {
    if (file === undefined) return;
    const headers = { "GS1-Capture-Error-Behaviour": behaviour };
    void run(async () => {
      await postFile("/epcis/capture", "application/json", file, headers);
      setFile(undefined);
      onSent();
    });
  };

  return (
    <form class="card import" aria-label="Capture a document" onSubmit={(event) => event.preventDefault()}>
      <DropZone
        file={file}
        onFile={setFile}
        invitation="Drop an EPCIS 2.0 document (JSON) here, or choose one"
        accept=".json,.jsonld,application/json,application/ld+json"
      />
      <label>
        If an event cannot be captured
        <select value={behaviour} onChange={(event) => setBehaviour(event.currentTarget.value)}>
          <option value="rollback">Capture nothing of the document</option>
          <option value="proceed">Capture the others</option>
        </select>
      </label>
      <p class="muted">
        A document that is not valid is refused at once. An event that is here already is not added again.
      </p>
      <div class="actions">
        <button type="button" class="primary" disabled={busy || file === undefined} onClick={send}>
          Capture
        </button>
        {busy && <span class="muted">Sending …</span>}
      </div>
      <ProblemText problem={problem} />
    </form>
  );
}
