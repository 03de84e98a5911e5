import type { NewFact } from "../domain/fact.ts";
import { TAG_CONFIDENCE } from "../domain/tag-confidence.ts";
import { directionOfPass } from "./portal-pass.ts";
import { addToSignal } from "./portal-side.ts";
import { isSameReadPlace, readPlaceOf, type ReadPointMount } from "./sample.ts";
import type { Sample, SignalRule } from "./signal-rule.ts";
import {
  dwellEndFact,
  learnUsualSilence,
  NO_PASS,
  type PortalPass,
  seenFact,
  type TagEvidence,
  silenceTimeoutMs,
  type TagContext,
  type TagDwell,
  type TagState,
} from "./tag-dwell.ts";
import { addRead, isPortal, isReliable, sideOf } from "./tag-reads.ts";

/*
 * How the reads of one tag by one reader become facts, in the order of `step` below:
 *
 * 1. A read counts for the read point where its reader was mounted at that time. Without a mount it has no meaning.
 * 2. Reads at one read point form a dwell (tag-dwell.ts). A tag answers about two reads in three, so the dwell lasts
 *    through silences of 60 s (at a portal 5 s), or longer if this tag's reads come more seldom.
 * 3. One read moves nothing. A side of the read point needs two reads, or three weak ones (tag-reads.ts).
 * 4. At a portal the whole pass is judged when it is over (portal-pass.ts): `seen` with `in` or `out`. A pass ends with a
 *    silence of 2.5 s, or with the signals that fell. What has no direction is `unknown`: said at once if the pass leans to a
 *    direction, else once at the end.
 * 5. At any other read point: inside, or without sides, `in`, confidence 0.7 from two reads, 0.85 from three reads on; only
 *    outside: `unknown`, 0.5. On a vehicle 0.88 after a minute: a tag that was passed by is not heard for so long. A `seen` fact
 *    reports the first direction, and each rise of its confidence.
 * 6. When the dwell is over the tag is `gone`; if too little was read to say more, it was only `heard`.
 *
 * Example, a portal: outside −45, −42, −46 dBm at 0.0, 0.2 and 0.4 s, inside −46, −42, −45 dBm at 2.0, 2.2 and 2.4 s, then
 * silence: at 7.4 s the dwell is over, and the tag was `seen` going `in` at 2.2 s, confidence 0.9.
 */

export interface TagSample extends Sample {
  antenna: number;
  /** dBm */
  rssi?: number | undefined;
  /** reads the reader has summed up in this one */
  count?: number | undefined;
}

const FIRM_READS = 3;
/** A reader on a vehicle that hears a tag for so long says so, milliseconds. */
const LONG_DWELL_MS = 60_000;
/** A silence that ends a pass through a portal: 2.5 s, or 3 times the usual silence, but at most 6 s. */
const PASS_SILENCE_MS = 2_500;
const MAX_PASS_SILENCE_MS = 6_000;
const PASS_USUAL_SILENCES = 3;
/** For so long after the peak of a pass its signals may fall, milliseconds. */
const TAIL_MS = 4_000;

export const tagPresenceRule: SignalRule<TagSample, TagState, TagContext> = {
  initial: { dwell: null, usualSilenceMs: 0 },
  step(state, sample, context) {
    const readPoint = context.readPointAt(sample.ts);
    if (readPoint === undefined) return { state, facts: [], quality: "ok" };
    const isOver = state.dwell !== null && !continues(state, state.dwell, sample, readPoint);
    const facts = isOver ? endBefore(state, sample, context) : [];
    const usualSilenceMs = learnUsualSilence(state, sample.ts, readPoint);
    const before = isOver ? null : state.dwell;
    const report = isPortal(readPoint) ? reportPass : reportPresence;
    const [dwell, said] = report(
      before,
      extendDwell(before, sample, readPoint, usualSilenceMs),
      sample,
      usualSilenceMs,
    );
    for (const each of said) facts.push(seenFact(dwell, each, evidenceOf(sample), context));
    return { state: { dwell, usualSilenceMs }, facts, quality: "ok" };
  },
};

function continues(state: TagState, dwell: TagDwell, { ts }: TagSample, readPoint: ReadPointMount): boolean {
  const isSame = isSameReadPlace(dwell, readPoint) && (dwell.pass !== null) === isPortal(readPoint);
  return isSame && ts - dwell.last <= silenceTimeoutMs(state);
}

/** The end of the dwell before this read. If the reader was moved during the silence, it ended with this read at the latest. */
function endBefore(state: TagState, { ts }: TagSample, context: TagContext): NewFact[] {
  const end = dwellEndFact(state, context);
  return end ? [{ ...end, at: Math.min(end.at, ts) }] : [];
}

function extendDwell(
  dwell: TagDwell | null,
  sample: TagSample,
  readPoint: ReadPointMount,
  usualSilenceMs: number,
): TagDwell {
  const side = sideOf(readPoint, sample.antenna);
  return {
    ...readPlaceOf(readPoint),
    since: dwell?.since ?? sample.ts,
    last: sample.ts,
    sides: { ...dwell?.sides, [side]: addRead(dwell?.sides[side], sample, usualSilenceMs) },
    pass: isPortal(readPoint) ? passWith(dwell, side, sample) : null,
    reported: dwell?.reported ?? null,
  };
}

/** The reads just after a pass belong to it: they are its end, and say nothing of a next one. */
function passWith(dwell: TagDwell | null, side: string, sample: TagSample): PortalPass {
  const lastPass = dwell?.reported?.direction === "unknown" ? undefined : dwell?.reported?.at;
  const isTail = lastPass !== undefined && sample.ts - lastPass < TAIL_MS;
  return isTail ? NO_PASS : withRead(dwell?.pass ?? NO_PASS, side, sample);
}

function withRead(pass: PortalPass, side: string, sample: TagSample): PortalPass {
  return side === "inside" || side === "outside" ? { ...pass, [side]: addToSignal(pass[side], sample) } : pass;
}

/** Step 5: what this read adds to what was reported, another direction or the same with firm confidence. */
function reportPresence(_before: TagDwell | null, dwell: TagDwell, { ts }: TagSample): [TagDwell, TagEvidence[]] {
  const { sides, reported } = dwell;
  const inside = isReliable(sides.inside) ? sides.inside : sides.here;
  const isInside = isReliable(inside);
  if (!isInside && !isReliable(sides.outside)) return [dwell, []];
  const direction = isInside ? "in" : "unknown";
  const confidence = isInside ? presenceConfidence(dwell, inside.reads, ts) : TAG_CONFIDENCE.unknown;
  const isNews = reported === null || (direction === "in" && confidence > reported.confidence);
  const report = { direction, confidence, at: ts } as const;
  return isNews ? [{ ...dwell, reported: report }, [{ report, pass: null }]] : [dwell, []];
}

function presenceConfidence({ vehicleId, since }: TagDwell, reads: number, ts: number): number {
  if (reads < FIRM_READS) return TAG_CONFIDENCE.few;
  return vehicleId !== undefined && ts - since >= LONG_DWELL_MS ? TAG_CONFIDENCE.lasting : TAG_CONFIDENCE.firm;
}

/** Step 4: the pass that a silence before this read has ended, and the one that this read ends. */
function reportPass(
  before: TagDwell | null,
  dwell: TagDwell,
  sample: TagSample,
  usualSilenceMs: number,
): [TagDwell, TagEvidence[]] {
  const said: TagEvidence[] = [];
  let current = dwell;
  const silenceMs = Math.min(MAX_PASS_SILENCE_MS, Math.max(PASS_SILENCE_MS, PASS_USUAL_SILENCES * usualSilenceMs));
  if (before?.pass && sample.ts - before.last > silenceMs) {
    const { inside, outside } = before.pass;
    const ended = directionOfPass(inside, outside, before.last, true);
    if (ended && (ended.direction !== "unknown" || ended.likely !== undefined)) {
      current = { ...current, reported: ended };
      said.push({ report: ended, pass: before.pass });
    }
    const [side] = Object.entries(current.pass!).find(([, signal]) => signal.at(-1)?.[0] === sample.ts) ?? [""];
    current = { ...current, pass: withRead(NO_PASS, side, sample) };
  }
  const { inside, outside } = current.pass!;
  const passed = directionOfPass(inside, outside, sample.ts, false);
  if (passed === undefined || passed.direction === "unknown") return [current, said];
  return [{ ...current, pass: NO_PASS, reported: passed }, [...said, { report: passed, pass: current.pass }]];
}

function evidenceOf({ ts, seq }: TagSample): { ts: number; seq?: number } {
  return seq < 0 ? { ts } : { ts, seq };
}
