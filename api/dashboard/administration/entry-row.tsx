import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { page } from "../state/page.ts";

interface EntryRowProps {
  /** as the address names it */
  id: string | number;
  who: string;
  /** below who it is */
  whoNote?: string | null;
  what: string;
  whatNote?: string | null;
  states: ComponentChildren;
  /** of a row in a tree: how deep it lies, and the button that folds it */
  tree?: { depth: number; fold: ComponentChildren };
  /** what changes it; drawn while the row is open */
  children: () => ComponentChildren;
}

/** One line of a list of people, systems or devices, which opens to change it. The address may open one. */
export function EntryRow({ id, who, whoNote = null, what, whatNote = null, states, tree, children }: EntryRowProps) {
  const row = useRef<HTMLLIElement>(null);
  const now = page.get();
  const isAsked = now.at === "administration" && now.open === String(id);
  const [isOpen, setIsOpen] = useState(isAsked);
  useEffect(() => {
    if (isAsked) row.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <li
      ref={row}
      class={tree === undefined ? "" : "tree-row"}
      style={tree === undefined ? {} : { "--depth": tree.depth }}
      data-depth={tree?.depth}
    >
      {tree?.fold}
      <details open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>
          <span class="who">
            <strong>{who}</strong>
            {whoNote !== null && <span class="muted">{whoNote}</span>}
          </span>
          <span class="what">
            {what}
            {whatNote !== null && <span class="muted">{whatNote}</span>}
          </span>
          <span class="states">{states}</span>
        </summary>
        {isOpen && <div class="card">{children()}</div>}
      </details>
    </li>
  );
}
