import { expectedText } from "../../labels/eta.ts";
import { currentTime, timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";

/** When goods are expected; that they should have come by now stands out. */
export function Expected({ at }: { at: string }) {
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const isOverdue = Date.parse(at) < now;
  return (
    <span class={isOverdue ? "late" : undefined}>
      {isOverdue && "▲ "}
      {expectedText(at, now, where)}
    </span>
  );
}
