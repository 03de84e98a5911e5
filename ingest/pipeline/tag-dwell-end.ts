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
import type { Followed } from "../stores/caches/device-states.ts";
import type { TagState } from "../stores/caches/tag-states.ts";

/** What new reads of a tag mean for the end of its visit, as far as the clock has made it known, or will. */
export interface VisitEnd {
  /** whether the end of what is now the last visit is known already */
  endTold: boolean;
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
export function endAfter(
  before: TagState | undefined,
  followed: Followed<TagSample, Presence>,
  added: readonly NewFact[],
  context: TagContext,
): VisitEnd {
  const now = presenceOf(followed, context);
  if (before === undefined) return { endTold: false, endsAt: dwellEndsAt(now, context) };
  const then = presenceOf(before.followed, context);
  if (!before.endTold || then.dwell === null) {
    const [endsAt, endedAt] = [dwellEndsAt(now, context), dwellEndsAt(then, context)];
    // Somebody looks by then, and sees how much longer it lasts. What was only just read from the store is made sure of.
    const isSame = before.followed.head !== undefined && now.dwell?.since === then.dwell?.since;
    const isWatched = isSame && endedAt !== undefined && endsAt !== undefined;
    return { endTold: false, endsAt: isWatched && endsAt >= endedAt ? undefined : endsAt };
  }
  const told = dwellEndKey(then.dwell, context);
  if (now.dwell && dwellEndKey(now.dwell, context) === told) {
    const [was, is] = [dwellEndFact(then, context), dwellEndFact(now, context)];
    const isSame = is === undefined || JSON.stringify(was) === JSON.stringify(is);
    return { endTold: true, ...(!isSame && { corrected: { ...is, concludedAt: is.at } }) };
  }
  const stands = added.some(({ key }) => key === told);
  const withdrawn = { key: told, subject: `tag:${context.tag}`, at: then.dwell.last } as const;
  return { endTold: false, endsAt: dwellEndsAt(now, context), ...(!stands && { withdrawn }) };
}

/** What the rule knows of the tag now. */
export function presenceOf({ window, head }: Followed<TagSample, Presence>, context: TagContext): Presence {
  return head ?? currentState(tagPresenceRule, window, context);
}
