import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface ActionProps {
  /** on the line that shows the form */
  label: string;
  /** `onDone` folds it again */
  children: (onDone: () => void) => ComponentChildren;
}

/** Something a person may do here: a line that unfolds to its form. */
export function Action({ label, children }: ActionProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="action" open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      {isOpen && children(() => setIsOpen(false))}
    </details>
  );
}
