import { CONDITION_QUANTITIES, type ConditionQuantity } from "../fact.ts";

/** What a shipment allows of one quantity: °C, relative humidity (0 to 1) or g. */
export interface Band {
  /** null: no limit on that side */
  min: number | null;
  max: number | null;
  /** longer than this outside is an excursion; 0 for shocks, which last no time */
  minutes: number;
}

/** What a shipment asks of the way it travels (`conditions` of the API). */
export interface Conditions {
  bands: Partial<Record<ConditionQuantity, Band>>;
  /** a silence longer than this is a gap: nobody knows what it was then */
  gapMs: number;
}

export const DEFAULT_MINUTES = 10;
export const DEFAULT_GAP_MINUTES = 20;

const NO_LIMIT: Band = { min: null, max: null, minutes: 0 };

/** Of a shipment that sets no limits: whatever was measured is shown, and nothing is out of range. */
export const WITHOUT_LIMITS: Conditions = {
  bands: { celsius: NO_LIMIT, humidity: NO_LIMIT, shock: NO_LIMIT },
  gapMs: DEFAULT_GAP_MINUTES * 60_000,
};

/**
 * Reads the conditions of a shipment as they are stored. Older rows may hold anything: what is not understood sets no limit.
 * @returns undefined when it sets no limit at all
 */
export function conditionsOf(stored: unknown): Conditions | undefined {
  if (!isObject(stored)) return undefined;
  const bands: Conditions["bands"] = {};
  for (const quantity of CONDITION_QUANTITIES) {
    const given = stored[quantity];
    if (!isObject(given)) continue;
    const [min, max] = [numberOf(given["min"]), numberOf(given["max"])];
    if (min === null && max === null) continue;
    const minutes = quantity === "shock" ? 0 : (numberOf(given["minutes"]) ?? DEFAULT_MINUTES);
    bands[quantity] = { min, max, minutes: Math.max(0, minutes) };
  }
  if (Object.keys(bands).length === 0) return undefined;
  const gapMinutes = numberOf(stored["gap_minutes"]) ?? DEFAULT_GAP_MINUTES;
  return { bands, gapMs: Math.max(1, gapMinutes) * 60_000 };
}

/** How far a value is outside; 0 or less: it is inside. */
export function beyond(value: number, { min, max }: Pick<Band, "min" | "max">): number {
  return Math.max(min === null ? Number.NEGATIVE_INFINITY : min - value, max === null ? -Infinity : value - max);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
