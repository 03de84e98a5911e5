/** A span of time, epoch milliseconds. */
export interface Span {
  from: number;
  to: number;
}

/** Adds a span that begins no earlier than the last one. */
export function joinSpan(spans: Span[], { from, to }: Span): void {
  const last = spans.at(-1);
  if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
  else if (to > from) spans.push({ from, to });
}

/** All times that at least one of the lists covers, in order. */
export function union(lists: readonly (readonly Span[])[]): Span[] {
  const joined: Span[] = [];
  for (const span of lists.flat().sort((a, b) => a.from - b.from)) joinSpan(joined, { ...span });
  return joined;
}

/** The times of `whole` that `parts` do not cover; both in order, without overlaps. */
export function complement(whole: readonly Span[], parts: readonly Span[]): Span[] {
  const left: Span[] = [];
  let index = 0;
  for (const { from, to } of whole) {
    let at = from;
    while (index < parts.length && parts[index]!.to <= from) index += 1;
    for (let each = index; each < parts.length && parts[each]!.from < to; each += 1) {
      if (parts[each]!.from > at) left.push({ from: at, to: parts[each]!.from });
      at = Math.max(at, parts[each]!.to);
    }
    if (at < to) left.push({ from: at, to });
  }
  return left;
}

export const lengthMs = (spans: readonly Span[]): number => spans.reduce((ms, { from, to }) => ms + to - from, 0);
