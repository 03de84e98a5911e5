import { CONDITION_QUANTITIES, type ConditionQuantity } from "../fact.ts";
import { type Conditions } from "./bands.ts";
import { addShock, addStretch, endExcursion, type Excursion, type ExcursionState, NO_EXCURSION } from "./excursions.ts";
import { type Measured, type Stretch, stretchAfter, stretchTo } from "./stretches.ts";

/** What an env reading says. */
export type EnvReading = { ts: number } & Partial<Record<ConditionQuantity, number | undefined>>;

/** What is known of one quantity within one stay with a probe, up to its last reading. */
interface QuantityState {
  last: Measured | null;
  excursion: ExcursionState;
}
export type WalkState = Partial<Record<ConditionQuantity, QuantityState>>;

/** Hears what a walk finds. */
export interface WalkListener {
  /** of a shock no stretches are told, only readings */
  onStretch?(quantity: ConditionQuantity, stretch: Stretch): void;
  onReading?(quantity: ConditionQuantity, reading: Measured): void;
  onExcursion?(quantity: ConditionQuantity, excursion: Excursion, readAt: number): void;
}

const FRESH: QuantityState = { last: null, excursion: NO_EXCURSION };

/** Takes the next reading of a stay that began at `since`. Readings come in the order of measurement. @returns the state after it */
export function addReading(
  state: WalkState,
  reading: EnvReading,
  { bands, gapMs }: Conditions,
  since: number,
  listener: WalkListener,
): WalkState {
  const next: WalkState = { ...state };
  for (const quantity of CONDITION_QUANTITIES) {
    const [value, band] = [reading[quantity], bands[quantity]];
    if (value === undefined || band === undefined) continue;
    const measured = { ts: reading.ts, value };
    const before = state[quantity] ?? FRESH;
    const step =
      quantity === "shock"
        ? addShock(before.excursion, measured, band)
        : addMeasured(quantity, before, measured, { band, gapMs, since, listener });
    listener.onReading?.(quantity, measured);
    for (const found of step.found) listener.onExcursion?.(quantity, found, reading.ts);
    next[quantity] = { last: measured, excursion: step.state };
  }
  return next;
}

function addMeasured(
  quantity: ConditionQuantity,
  { last, excursion }: QuantityState,
  measured: Measured,
  about: { band: NonNullable<Conditions["bands"]["celsius"]>; gapMs: number; since: number; listener: WalkListener },
): { state: ExcursionState; found: Excursion[] } {
  const { band, gapMs, since, listener } = about;
  const stretch = stretchTo(last, measured, since, gapMs);
  listener.onStretch?.(quantity, stretch);
  const first = addStretch(excursion, stretch, band);
  if (stretch.kind === "line") return first;
  // After a gap the reading alone says where the value is.
  const { ts, value } = measured;
  const then = addStretch(first.state, { kind: "line", from: ts, to: ts, start: value, end: value }, band);
  return { state: then.state, found: [...first.found, ...then.found] };
}

/** The stay has ended. @param isLeft false: it is only looked at until `to`, and goes on */
export function endWalk(
  state: WalkState,
  { bands, gapMs }: Conditions,
  stay: { from: number; to: number },
  isLeft: boolean,
  listener: WalkListener,
): void {
  for (const quantity of CONDITION_QUANTITIES) {
    const band = bands[quantity];
    if (band === undefined) continue;
    const { last, excursion } = state[quantity] ?? FRESH;
    let after = excursion;
    if (quantity !== "shock") {
      const stretch = stretchAfter(last, stay, gapMs);
      listener.onStretch?.(quantity, stretch);
      const step = addStretch(excursion, stretch, band);
      after = step.state;
      if (isLeft) for (const found of step.found) listener.onExcursion?.(quantity, found, last?.ts ?? stay.to);
    }
    if (isLeft) for (const found of endExcursion(after, stay.to)) listener.onExcursion?.(quantity, found, stay.to);
  }
}
