import { useState } from "preact/hooks";
import { failureText } from "../../state/session.ts";

interface Write {
  busy: boolean;
  /** why the last one failed, in words for people */
  problem: string | null;
  /** Runs one change at a time. @returns whether it succeeded */
  run: (change: () => Promise<unknown>) => Promise<boolean>;
}

/** A change that a person asks for: a button, or a form. */
export function useWrite(): Write {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  return {
    busy,
    problem,
    async run(change) {
      setBusy(true);
      setProblem(null);
      try {
        await change();
        return true;
      } catch (cause) {
        setProblem(failureText(cause));
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
