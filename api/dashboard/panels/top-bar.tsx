import { second, switchZone, zone } from "../state/clock.ts";
import { link } from "../state/live.ts";
import type { Person } from "../state/resources.ts";
import { signOut } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { clockTime, hoursMinutes } from "../labels/times.ts";

export function TopBar({ person }: { person: Person }) {
  return (
    <header class="top">
      <div class="brand">
        <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="22" height="22" /> Waystock
      </div>
      <LinkState />
      <div class="space" />
      <Clock />
      <span class="who quiet" title={`Signed in as ${person.role}`}>
        {person.email}
      </span>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </header>
  );
}

function LinkState() {
  const state = useStore(link);
  const where = useStore(zone);
  const words =
    state.state === "live"
      ? "Live"
      : state.state === "catching-up"
        ? "Catching up"
        : `Stale since ${hoursMinutes(state.sinceMs, where)}`;
  return (
    <span class={`link-state ${state.state}`} role="status">
      {words}
    </span>
  );
}

function Clock() {
  const where = useStore(zone);
  const now = useStore(second);
  return (
    <button type="button" class="clock" onClick={switchZone} title="Switch between UTC and local time">
      <time>{clockTime(now, where)}</time> <span class="quiet">{where === "utc" ? "UTC" : "local"}</span>
    </button>
  );
}
