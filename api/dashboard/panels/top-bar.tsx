import { currentTime, toggleTimeZone, timeZone } from "../state/clock.ts";
import { connection } from "../state/live.ts";
import type { Person } from "../state/resources.ts";
import { signOut } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { formatTime, formatHoursMinutes } from "../labels/times.ts";

export function TopBar({ person }: { person: Person }) {
  return (
    <header class="top">
      <div class="brand">
        <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="22" height="22" /> Waystock
      </div>
      <ConnectionStatus />
      <div class="spacer" />
      <Clock />
      <span class="user-email muted" title={`Signed in as ${person.role}`}>
        {person.email}
      </span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </header>
  );
}

function ConnectionStatus() {
  const state = useStore(connection);
  const where = useStore(timeZone);
  const words =
    state.state === "live"
      ? "Live"
      : state.state === "catching-up"
        ? "Catching up"
        : `Stale since ${formatHoursMinutes(state.sinceMs, where)}`;
  return (
    <span class={`connection-status ${state.state}`} role="status">
      {words}
    </span>
  );
}

function Clock() {
  const where = useStore(timeZone);
  const now = useStore(currentTime);
  return (
    <button type="button" class="clock" onClick={toggleTimeZone} title="Switch between UTC and local time">
      <time>{formatTime(now, where)}</time> <span class="muted">{where === "utc" ? "UTC" : "local"}</span>
    </button>
  );
}
