import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { close } from "../../state/navigation.ts";

/** In place of a thing that cannot be shown. */
export function NotFound({ label, problem }: { label: string; problem: string }) {
  return (
    <DetailFrame label={label}>
      <p class="empty">
        {label} does not exist, or you may not see it: {problem}
      </p>
    </DetailFrame>
  );
}

/** One thing in place of its list. The way back is focused first. */
export function DetailFrame({ label, children }: { label: string; children: ComponentChildren }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), [label]);
  return (
    <article class="detail" aria-label={label}>
      <button ref={button} type="button" class="link" aria-keyshortcuts="Escape" onClick={() => close("detail")}>
        ← Back
      </button>
      {children}
    </article>
  );
}
