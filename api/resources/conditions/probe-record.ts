import type { Conditions } from "../../../ingest/domain/conditions/bands.ts";
import { ProbeFigures } from "../../../ingest/domain/conditions/figures.ts";
import type { ProbeStay } from "../../../ingest/domain/conditions/probe-stays.ts";
import {
  addReading,
  endWalk,
  type WalkListener,
  type WalkState,
} from "../../../ingest/domain/conditions/probe-walk.ts";
import { CONDITION_QUANTITIES, type ConditionQuantity } from "../../../ingest/domain/fact.ts";
import type { Span } from "../../../ingest/domain/spans.ts";
import { type AfterReading, BEFORE_ALL, type SeriesReader } from "../readings/series.ts";

/** An excursion of the report; `to: null`: it goes on. Epoch milliseconds. */
export interface FoundExcursion extends Omit<Span, "to"> {
  quantity: ConditionQuantity;
  deviceId: string;
  to: number | null;
  worst: number;
}

/** Readings of one quantity, so few that a page can draw them: of each part of the time the lowest and the highest. */
type Points = Map<number, [ts: number, low: number, high: number]>;

/** What one probe has recorded while it was with the goods. */
export interface ProbeRecord {
  deviceId: string;
  figures: Map<ConditionQuantity, ProbeFigures>;
  points: Map<ConditionQuantity, Points>;
  excursions: FoundExcursion[];
  /** its stays, up to the last reading or to now */
  spans: Span[];
  stays: { stay: ProbeStay; readings: number }[];
}

const PAGE = 5_000;
const MAX_POINTS = 400;

/** Reads what a probe has recorded, page by page: memory is that of the figures, however long it took. @param stays of one device, in order */
export async function readProbe(
  series: SeriesReader,
  conditions: Conditions,
  stays: readonly ProbeStay[],
  whole: Span,
  now: number,
): Promise<ProbeRecord> {
  const { deviceId } = stays[0]!;
  const record: ProbeRecord = {
    ...{ deviceId, figures: new Map(), points: new Map(), excursions: [], spans: [], stays: [] },
  };
  for (const quantity of CONDITION_QUANTITIES) {
    const band = conditions.bands[quantity];
    if (band !== undefined) record.figures.set(quantity, new ProbeFigures(quantity, band));
  }
  const partMs = Math.max(1, (whole.to - whole.from) / MAX_POINTS);
  const listener: WalkListener = {
    onStretch: (quantity, stretch) => record.figures.get(quantity)?.addStretch(stretch),
    onReading(quantity, { ts, value }) {
      record.figures.get(quantity)?.addReading({ ts, value });
      const points: Points = record.points.get(quantity) ?? new Map();
      record.points.set(quantity, points);
      const part = Math.floor((ts - whole.from) / partMs);
      const known = points.get(part);
      if (known === undefined) points.set(part, [ts, value, value]);
      else [known[1], known[2]] = [Math.min(known[1], value), Math.max(known[2], value)];
    },
    onExcursion(quantity, { type, since, at, worst }) {
      const open = record.excursions.findLast((each) => each.quantity === quantity && each.from === since);
      if (type === "excursion") record.excursions.push({ quantity, deviceId, from: since, to: null, worst });
      else if (open) [open.to, open.worst] = [at, worst];
    },
  };
  for (const stay of stays) await readStay(series, conditions, stay, now, record, listener);
  return record;
}

async function readStay(
  series: SeriesReader,
  conditions: Conditions,
  stay: ProbeStay,
  now: number,
  record: ProbeRecord,
  listener: WalkListener,
): Promise<void> {
  const { deviceId, from, to } = stay;
  let state: WalkState = {};
  let readings = 0;
  let after: AfterReading = { ts: from, seq: BEFORE_ALL };
  for (let isLast = false; !isLast;) {
    const page = await series.readings({ deviceId, kind: "env", from, to, after, limit: PAGE });
    for (const { ts, values } of page) state = addReading(state, { ts, ...values }, conditions, from, listener);
    readings += page.length;
    isLast = page.length < PAGE;
    const last = page.at(-1);
    if (last) after = { ts: last.ts, seq: last.seq };
  }
  record.stays.push({ stay, readings });
  // What comes within the time of a gap may still follow on the last reading.
  const heardUntil = readings === 0 ? from : after.ts;
  const until = to ?? (now - heardUntil <= conditions.gapMs ? heardUntil : now);
  if (until <= from && readings === 0) return;
  endWalk(state, conditions, { from, to: until }, to !== null, listener);
  record.spans.push({ from, to: until });
}
