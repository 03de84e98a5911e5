import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { PersonLinks } from "../panels/top-bar.tsx";
import { Search } from "../panels/search/search.tsx";
import { startClock } from "../state/clock.ts";
import type { Person } from "../state/roles.ts";

interface FrameProps {
  person: Person;
  title: string;
  /** its tables need more room than text does */
  isWide?: boolean;
  /** links to the pages beside this one */
  pages?: { href: string; label: string; current: boolean }[];
  children: ComponentChildren;
}

/** A page beside the live one: Administration, or the person's account. */
export function Frame({ person, title, isWide = false, pages = [], children }: FrameProps) {
  useEffect(() => startClock(), []);
  return (
    <div class={isWide ? "page wide" : "page"}>
      <header class="top">
        <a class="brand" href="#/" title="Back to the live page">
          <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="22" height="22" /> Waystock
        </a>
        <div class="spacer" />
        <Search />
        <PersonLinks person={person} />
      </header>
      <main>
        <h1>{title}</h1>
        {pages.length > 0 && (
          <nav class="tabs" aria-label={title}>
            {pages.map(({ href, label, current }) => (
              <a key={href} href={href} aria-current={current ? "page" : undefined}>
                {label}
              </a>
            ))}
          </nav>
        )}
        {children}
      </main>
    </div>
  );
}
