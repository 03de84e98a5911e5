/*
 * When a reader was at work, by everything it sent, and what its silence about a tag is worth:
 *
 * 1. A read of any tag and a status that is not `offline` are signs of life. Signs at most 60 s apart are one span. The
 *    spans are a union of times: they do not depend on the order in which the signs arrive.
 * 2. A tag is gone after a silence in which its reader was at work: signs no further apart than the timeout reach to the end
 *    of it.
 * 3. A reader that falls silent itself proves nothing. When it reads again, its tags get a whole timeout from then on.
 * 4. A status after such a silence is a heartbeat: the reader was there all the time and had nothing to read. Its tags are
 *    gone, if they are not read within 10 s. After `offline` it is the return of the reader instead: step 3.
 */
export interface ReaderLife {
  /** the newest spans, oldest first: first sign, last sign (epoch milliseconds), 1 if it began with a read, 0 with a status */
  spans: [number, number, 0 | 1][];
  /** the newest times at which it was said to be offline, oldest first, epoch milliseconds */
  offline: number[];
}

export const UNKNOWN_LIFE: ReaderLife = { spans: [], offline: [] };

export interface LifeSign {
  ts: number;
  kind: "read" | "status" | "offline";
}

const LINK_MS = 60_000;
const HEARTBEAT_GRACE_MS = 10_000;
const MAX_SPANS = 32;
const MAX_OFFLINE = 16;

export function addSigns(life: ReaderLife, signs: readonly LifeSign[]): ReaderLife {
  const added = signs.flatMap(({ ts, kind }): ReaderLife["spans"] =>
    kind === "offline" ? [] : [[ts, ts, kind === "read" ? 1 : 0]],
  );
  const offline = signs.flatMap(({ ts, kind }) => (kind === "offline" ? [ts] : []));
  return {
    spans: union([...life.spans, ...added]).slice(-MAX_SPANS),
    offline: [...new Set([...life.offline, ...offline])].sort((a, b) => a - b).slice(-MAX_OFFLINE),
  };
}

function union(spans: ReaderLife["spans"]): ReaderLife["spans"] {
  const merged: ReaderLife["spans"] = [];
  for (const [from, to, isRead] of spans.sort((a, b) => a[0] - b[0] || b[2] - a[2])) {
    const last = merged.at(-1);
    if (last && from - last[1] <= LINK_MS) last[1] = Math.max(last[1], to);
    else merged.push([from, to, isRead]);
  }
  return merged;
}

/** Whether a sign at `ts` falls into a time in which the reader was silent, as far as was known. */
export function fillsSilence({ spans }: ReaderLife, ts: number): boolean {
  const newest = spans.at(-1);
  return newest !== undefined && ts < newest[0] && !spans.some(([from, to]) => from <= ts && ts <= to);
}

export interface ProvenAbsence {
  /** when the tag was gone, epoch milliseconds */
  at: number;
  /** what is measured until then may still show that it was not */
  provenAt: number;
}

/**
 * @param last time of the tag's last read, epoch milliseconds
 * @param timeoutMs the silence after which it is gone
 * @returns undefined as long as its reader has not proven that it was at work
 */
export function absenceOf({ spans, offline }: ReaderLife, last: number, timeoutMs: number): ProvenAbsence | undefined {
  let index = spans.findIndex(([from, to]) => from <= last && last <= to);
  // Older than what is remembered of the reader.
  if (index === -1) return { at: last + timeoutMs, provenAt: last + timeoutMs };
  for (let since = last; ;) {
    const deadline = since + timeoutMs;
    let [, end] = spans[index]!;
    for (let next = spans[index + 1]; next && next[0] - end <= timeoutMs; next = spans[index + 1]) {
      end = next[1];
      index += 1;
    }
    if (end >= deadline) return { at: deadline, provenAt: deadline };
    index += 1;
    const back = spans[index];
    if (back === undefined) return undefined;
    const wasAway = offline.some((at) => since <= at && at <= back[0]);
    if (back[2] === 0 && !wasAway) return { at: deadline, provenAt: back[0] + HEARTBEAT_GRACE_MS };
    [since] = back;
  }
}
