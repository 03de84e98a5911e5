import type { NewFact, Subject } from "../domain/fact.ts";
import { tagPresenceRule, type TagSample } from "../signals/tag-presence.ts";
import {
  dwellEndFact,
  type TagContext,
  type TagState as Presence,
  dwellEndKey,
  dwellEndsAt,
} from "../signals/tag-dwell.ts";
import { currentState } from "../signals/window.ts";
import type { SignalState } from "../stores/caches/device-states.ts";
import type { TagState } from "../stores/caches/tag-states.ts";

/** What new reads of a tag mean for the end of its visit, as far as the clock has made it known, or will. */
export interface DwellEnd {
  /** whether the end of what is now the last visit is known already */
  endReported: boolean;
  /** the same end in other words */
  corrected?: NewFact;
  /** an end that was none: the tag was there still */
  withdrawn?: { key: string; subject: Subject; at: number };
  /** when the visit ends if no further read comes, where nobody looks then yet; time of measurement */
  endsAt?: number | undefined;
}

/**
 * Compares a tag's visit before and after new reads.
 * @param added what the rule itself has concluded from them
 */
export function dwellEndAfter(
  before: TagState | undefined,
  signalState: SignalState<TagSample, Presence>,
  added: readonly NewFact[],
  context: TagContext,
): DwellEnd {
  const now = currentPresence(signalState, context);
  if (before === undefined) return { endReported: false, endsAt: dwellEndsAt(now, context) };
  const then = currentPresence(before.signalState, context);
  if (!before.endReported || then.dwell === null) {
    const [endsAt, endedAt] = [dwellEndsAt(now, context), dwellEndsAt(then, context)];
    // Somebody looks by then, and sees how much longer it lasts. What was only just read from the store is made sure of.
    const isSame = before.signalState.current !== undefined && now.dwell?.since === then.dwell?.since;
    const isWatched = isSame && endedAt !== undefined && endsAt !== undefined;
    return { endReported: false, endsAt: isWatched && endsAt >= endedAt ? undefined : endsAt };
  }
  const told = dwellEndKey(then.dwell, context);
  if (now.dwell && dwellEndKey(now.dwell, context) === told) {
    const [was, is] = [dwellEndFact(then, context), dwellEndFact(now, context)];
    const isSame = is === undefined || JSON.stringify(was) === JSON.stringify(is);
    return { endReported: true, ...(!isSame && { corrected: { ...is, concludedAt: is.at } }) };
  }
  const stands = added.some(({ key }) => key === told);
  const withdrawn = { key: told, subject: `tag:${context.tag}`, at: then.dwell.last } as const;
  return { endReported: false, endsAt: dwellEndsAt(now, context), ...(!stands && { withdrawn }) };
}

/** What the rule knows of the tag now. */
export function currentPresence({ window, current }: SignalState<TagSample, Presence>, context: TagContext): Presence {
  return current ?? currentState(tagPresenceRule, window, context);
}
