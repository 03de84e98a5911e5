import type { StopLabel } from "./trip-labels.ts";

const MARKS: Record<StopLabel["level"], string> = { late: "▲ ", early: "▼ ", warn: "! ", good: "✓ ", plain: "" };

/** Labels of a stop or a trip: a mark and a colour say the same again. */
export function StopLabels({ of }: { of: readonly StopLabel[] }) {
  return (
    <>
      {of.map(({ text, level }, at) => (
        <span key={text}>
          {at > 0 && " · "}
          <span class={`stop-label ${level}`}>
            <span aria-hidden="true">{MARKS[level]}</span>
            {text}
          </span>
        </span>
      ))}
    </>
  );
}
