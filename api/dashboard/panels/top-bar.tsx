import { currentTime, toggleTimeZone, timeZone } from "../state/clock.ts";
import { connection } from "../state/live.ts";
import { mayAdminister, mayHandle, mayManage, maySeeIntegrations, type Person } from "../state/roles.ts";
import { signOut } from "../state/session.ts";
import { useStore } from "../state/store.ts";
import { Search } from "./search/search.tsx";
import { formatTime, formatHoursMinutes } from "../labels/times.ts";

export function TopBar({ person }: { person: Person }) {
  return (
    <header class="top">
      <div class="brand">
        <img src={new URL("../styles/icon.svg", import.meta.url).href} alt="" width="22" height="22" /> Waystock
      </div>
      <ConnectionStatus />
      <div class="spacer" />
      <Search />
      <Clock />
      <PersonLinks person={person} />
    </header>
  );
}

/** The pages of a person and of the whole platform, and the way out. */
export function PersonLinks({ person }: { person: Person }) {
  return (
    <>
      <a href="#/analytics/bottlenecks">Analytics</a>
      {mayHandle(person) && <a href="#/put-away">Put away</a>}
      {maySeeIntegrations(person) && <a href="#/integrations">Integrations</a>}
      {mayManage(person) && (
        <a href={`#/administration/${mayAdminister(person) ? "users" : "devices"}`}>Administration</a>
      )}
      <a class="user-email" href="#/account" title={`Your account: ${person.email}, signed in as ${person.role}`}>
        <span class="wide">{person.email}</span>
        <span class="narrow">Account</span>
      </a>
      <button type="button" class="sign-out" onClick={() => void signOut()}>
        Sign out
      </button>
    </>
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
