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
import type { TagState } from "../stores/caches/tag-states.ts";
import type { SignalState } from "../stores/encoding/device-state.ts";

/** The effect of new reads of a tag on the end of its dwell, whether a timer has reported it or will. */
export interface DwellEndUpdate {
  /** whether the end of what is now the last dwell has been reported */
  endReported: boolean;
  /** the reported end with corrected content */
  corrected?: NewFact;
  /** a reported end that was wrong: the tag was still there */
  withdrawn?: { key: string; subject: Subject; at: number };
  /** when the dwell ends if no further read comes (time of measurement); undefined when a timer is set already */
  endsAt?: number | undefined;
}

/**
 * Compares a tag's dwell before and after new reads.
 * @param added the facts that the rule derived from them
 */
export function dwellEndAfter(
  before: TagState | undefined,
  signalState: SignalState<TagSample, Presence>,
  added: readonly NewFact[],
  context: TagContext,
): DwellEndUpdate {
  const now = currentPresence(signalState, context);
  if (before === undefined) return { endReported: false, endsAt: dwellEndsAt(now) };
  const then = currentPresence(before.signalState, context);
  if (!before.endReported || then.dwell === null) {
    const [endsAt, endedAt] = [dwellEndsAt(now), dwellEndsAt(then)];
    // The timer for the earlier end fires first and postpones itself. A state just loaded from the store gets a new timer.
    const isSame = before.signalState.current !== undefined && now.dwell?.since === then.dwell?.since;
    const hasTimer = isSame && endedAt !== undefined && endsAt !== undefined;
    return { endReported: false, endsAt: hasTimer && endsAt >= endedAt ? undefined : endsAt };
  }
  const reportedKey = dwellEndKey(then.dwell, context);
  if (now.dwell && dwellEndKey(now.dwell, context) === reportedKey) {
    const [was, is] = [dwellEndFact(then, context), dwellEndFact(now, context)];
    const isSame = is === undefined || JSON.stringify(was) === JSON.stringify(is);
    return { endReported: true, ...(!isSame && { corrected: is }) };
  }
  const isStillTrue = added.some(({ key }) => key === reportedKey);
  const withdrawn = { key: reportedKey, subject: `tag:${context.tag}`, at: then.dwell.last } as const;
  return { endReported: false, endsAt: dwellEndsAt(now), ...(!isStillTrue && { withdrawn }) };
}

/** The rule's current state for the tag. */
export function currentPresence({ window, current }: SignalState<TagSample, Presence>, context: TagContext): Presence {
  return current ?? currentState(tagPresenceRule, window, context);
}

/**
 * Reads that come so long after they were measured, milliseconds, come from a reader's memory: much faster than they were
 * made. There a pass is over when the reader has sent nothing for a moment: nobody waits as long as for reads that are made
 * now. A reader whose clock is this far behind is judged the same way; what it reads later takes the end back.
 */
const BACKLOG_MS = 5 * 60_000;
const BACKLOG_SILENCE_MS = 3_000;

/**
 * How long after its reader was heard last a dwell is over if no further read comes, milliseconds. It counts from the
 * reader's newest reading: its clock may be wrong, and its readings may arrive with delay.
 * @param endsAt by the reader's clock, epoch milliseconds
 * @param isPass whether it is a dwell at a portal
 */
export function dwellWaitMs(
  { endsAt, isPass }: { endsAt: number; isPass: boolean },
  { newestTs, lastReceivedAt }: { newestTs: number; lastReceivedAt: number },
): number {
  const isBacklog = isPass && lastReceivedAt - newestTs > BACKLOG_MS;
  const waitMs = Math.max(0, endsAt - newestTs);
  return isBacklog ? Math.min(BACKLOG_SILENCE_MS, waitMs) : waitMs;
}
