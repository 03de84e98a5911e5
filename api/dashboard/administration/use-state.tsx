import { formatAge } from "../labels/times.ts";
import { currentTime } from "../state/clock.ts";
import { useStore } from "../state/store.ts";

interface System {
  active: boolean;
  expires_at: string | null;
  last_used_at: string | null;
}

/** Whether a system may sign in, until when, and when it last did. */
export function UseState({ system: { active, expires_at: expires, last_used_at: used } }: { system: System }) {
  const now = useStore(currentTime);
  const isOver = expires !== null && Date.parse(expires) <= now;
  return (
    <>
      {!active && <span class="state">deactivated</span>}
      {expires !== null && (
        <span class={`state ${isOver ? "warn" : ""}`}>{isOver ? "expired" : `until ${expires.slice(0, 10)}`}</span>
      )}
      <span class="muted">{used === null ? "never used" : `used ${formatAge(used, now)}`}</span>
    </>
  );
}
