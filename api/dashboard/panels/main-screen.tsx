import { useEffect } from "preact/hooks";
import { LiveMap } from "../map/map.tsx";
import { currentTime, startClock, timeZone } from "../state/clock.ts";
import { connection, loaded, startLive, loadError } from "../state/live.ts";
import type { Person } from "../state/roles.ts";
import { useStore } from "../state/store.ts";
import { failedReads } from "../state/failed-reads.ts";
import { followNavigation } from "../state/navigation.ts";
import { formatDuration, formatTime } from "../labels/times.ts";
import { AlertAnnouncer } from "./alerts/announce.tsx";
import { Sidebar } from "./sidebar.tsx";
import { Stock } from "./stock/stock.tsx";
import { TopBar } from "./top-bar.tsx";

/** The live screen: map, lists, stock. */
export function MainScreen({ person }: { person: Person }) {
  useEffect(() => {
    const ends = [startClock(), followNavigation(), startLive(person)];
    return () => {
      for (const end of ends) end();
    };
  }, [person.id]);
  const stale = useStore(connection).state === "stale";
  return (
    <div class={`main-screen ${stale ? "stale" : ""}`}>
      <TopBar person={person} />
      <ConnectionBanner />
      <AlertAnnouncer />
      <main aria-busy={!useStore(loaded)}>
        <LiveMap />
        <Sidebar person={person} />
        <Stock />
      </main>
    </div>
  );
}

/** Tells people, and screen readers, that the data is not current. Greyed data alone could be taken for current. */
function ConnectionBanner() {
  const now = useStore(currentTime);
  const state = useStore(connection);
  const where = useStore(timeZone);
  const why = useStore(loadError);
  if (why !== null) {
    return (
      <p class="banner" role="alert">
        The data could not be loaded: {why} Trying again.
      </p>
    );
  }
  if (state.state !== "stale") return <FailedReads />;
  return (
    <p class="banner" role="alert">
      Nothing was heard from the server since {formatTime(state.sinceMs, where)} ({formatDuration(now - state.sinceMs)}
      ). This data may be out of date. Reconnecting automatically.
    </p>
  );
}

/** Tells that something on the page is as it was, because it could not be read again. */
function FailedReads() {
  const [why] = useStore(failedReads).values();
  if (why === undefined) return null;
  return (
    <p class="banner" role="alert">
      A part of this page could not be read again and may be out of date: {why} Trying again.
    </p>
  );
}
