import { useEffect } from "preact/hooks";
import { LiveMap } from "../map/map.tsx";
import { second, startClock } from "../state/clock.ts";
import { link, loaded, startLive, trouble } from "../state/live.ts";
import type { Person } from "../state/resources.ts";
import { keepSession } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { followAddress } from "../state/view.ts";
import { span } from "../labels/times.ts";
import { Side } from "./sidebar.tsx";
import { Stock } from "./stock.tsx";
import { TopBar } from "./top-bar.tsx";

/** The one live screen: map, lists, stock. */
export function Desk({ person }: { person: Person }) {
  useEffect(() => {
    const ends = [startClock(), keepSession(), followAddress(), startLive(person)];
    return () => {
      for (const end of ends) end();
    };
  }, [person]);
  const stale = useStore(link).state === "stale";
  return (
    <div class={`desk ${stale ? "stale" : ""}`}>
      <TopBar person={person} />
      <Banner />
      <main aria-busy={!useStore(loaded)}>
        <LiveMap />
        <Side person={person} />
        <Stock />
      </main>
    </div>
  );
}

/** Says aloud that the page is not live. Greyed data without a word would be taken for current. */
function Banner() {
  const now = useStore(second);
  const state = useStore(link);
  const why = useStore(trouble);
  if (why !== null) {
    return (
      <p class="banner" role="alert">
        The lists could not be read: {why} Trying again.
      </p>
    );
  }
  if (state.state !== "stale") return null;
  return (
    <p class="banner" role="alert">
      No connection for {span(now - state.sinceMs)}. What you see is from before; the page reconnects by itself.
    </p>
  );
}
