import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { get } from "../../state/client.ts";
import { formatCount } from "../../labels/quantities.ts";
import { ProblemText } from "../controls/problem-text.tsx";
import { useWrite } from "../controls/use-write.ts";

/** The body of `GET /audit/check`. */
type Check = Schemas["AuditCheck"];

/** Compares the audit with the chain of its hashes, and says what was found. */
export function AuditCheck() {
  const [found, setFound] = useState<string | null>(null);
  const { busy, problem, run } = useWrite();
  async function check(): Promise<void> {
    setFound(null);
    await run(async () => setFound(wordsOf(await checkAll())));
  }
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void check()}>
        {busy ? "Checking …" : "Check that nothing was changed"}
      </button>
      <span role="status">{found}</span>
      <ProblemText problem={problem} />
    </>
  );
}

/** A long audit takes several requests. */
async function checkAll(): Promise<Check> {
  const first = await get("/audit/check");
  let latest = first;
  while (latest.intact && latest.checked_to < latest.last_position)
    latest = await get(`/audit/check?after=${latest.checked_to}`);
  return { ...latest, first_position: first.first_position };
}

function wordsOf({ intact, first_position: first, checked_to: last, broken_position: broken }: Check): string {
  if (intact) return `${formatCount(last - first + 1)} entries are as they were written.`;
  return `Entry ${broken ?? last} of the chain was changed or removed.`;
}
