/** Why a change that a person asked for failed. Screen readers say it at once. */
export function ProblemText({ problem }: { problem: string | null }) {
  if (problem === null) return null;
  return (
    <p class="problem" role="alert">
      {problem}
    </p>
  );
}
