import type { StopWords } from "./trip-words.ts";

const MARKS: Record<StopWords["level"], string> = { late: "▲ ", early: "▼ ", warn: "! ", good: "✓ ", plain: "" };

/** Words about a stop or a trip: a mark and a colour say the same again. */
export function Words({ of }: { of: readonly StopWords[] }) {
  return (
    <>
      {of.map(({ text, level }, at) => (
        <span key={text}>
          {at > 0 && " · "}
          <span class={`stop-words ${level}`}>
            <span aria-hidden="true">{MARKS[level]}</span>
            {text}
          </span>
        </span>
      ))}
    </>
  );
}
