import type { Manoeuvre } from "../vehicle/manoeuvres.ts";

/** What alerts are about. */
export const ALERT_TYPES = [
  "low_stock",
  "out_of_stock",
  "overstock",
  "unexplained_removal",
  "count_mismatch",
  "capacity",
  "device_silent",
  "battery_low",
  "clock_off",
  "quarantine_rising",
  "geofence",
  "dwell",
  "overspeed",
  "harsh_driving",
  "load_mismatch",
  "excursion",
  "off_route",
  "unscheduled_stop",
  "separation",
  "light",
  "shipment_silent",
  "late",
  "integration_failing",
] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Limits and times of each type of rule. */
export interface RuleParams {
  /** at or below the reorder point for `hold_seconds`; over when above it by more than `clear_margin_percent`, one piece at least */
  low_stock: { hold_seconds: number; clear_margin_percent: number };
  /** nothing is available; `only_with_reorder_point`: where nobody wants to be reminded, nobody has set one */
  out_of_stock: { hold_seconds: number; only_with_reorder_point: boolean };
  /** more than so many times the reorder point */
  overstock: { times_reorder_point: number; hold_seconds: number; clear_margin_percent: number };
  /** of so many pieces at least */
  unexplained_removal: { min_quantity: number };
  count_mismatch: Record<string, never>;
  /** so full, percent, for `hold_seconds`; over when below it by more than `clear_margin_percent` */
  capacity: { percent: number; hold_seconds: number; clear_margin_percent: number };
  /** nothing was received for so many of the device's intervals */
  device_silent: { missed_intervals: number };
  /** 0 to 1; over when above it by more than `clear_margin` */
  battery_low: { below: number; clear_margin: number };
  /** ahead by more than `above_seconds`, or behind for `hold_seconds`: one message may have been on its way for long */
  clock_off: { above_seconds: number; clear_below_seconds: number; hold_seconds: number };
  /** messages of one source in an hour */
  quarantine_rising: { per_hour: number };
  /** a vehicle came to one of the rule's locations, or left it */
  geofence: { on: "arrived" | "departed" | "both" };
  /** a vehicle has been at one of the rule's locations for so long */
  dwell: { minutes: number };
  /** faster than `kmh` for `hold_seconds`, as its fixes tell; over when slower than that by `clear_margin_kmh` */
  overspeed: { kmh: number; hold_seconds: number; clear_margin_kmh: number };
  /** a vehicle braked, accelerated or cornered harshly; `min_g`: at least so hard, where that is known */
  harsh_driving: { on: "any" | Manoeuvre; min_g: number };
  /** a vehicle has left a stop of its trip so long ago, and units are missing or extra there, by all that was read */
  load_mismatch: { hold_seconds: number };
  /** goods were out of what their shipment allows for longer than it allows */
  excursion: Record<string, never>;
  /** a shipment has left its route */
  off_route: Record<string, never>;
  /** it stands for so long where nothing is known; 10 at least, as below that nothing is looked for */
  unscheduled_stop: { minutes: number };
  /** the tracker of the goods is so far from the vehicle that carries them; 500 at least */
  separation: { metres: number };
  /** so much light on goods under way, away from any known place; 20 at least */
  light: { lux: number };
  /** nothing was heard of its trackers for so long while it is under way; 15 at least */
  shipment_silent: { minutes: number };
  /**
   * the estimate has passed the promise for `hold_minutes` of the readings' own time, or by more than `at_once_minutes`, or the promise
   * has passed; over when the estimate is `clear_margin_minutes` before it
   */
  late: { hold_minutes: number; at_once_minutes: number; clear_margin_minutes: number };
  /** a webhook, or what else tells other systems, fails or is behind for so long; one that the platform has turned off at once */
  integration_failing: { minutes: number };
}

/** What a rule says where it names nothing else. */
export const DEFAULT_PARAMS: Readonly<RuleParams> = {
  low_stock: { hold_seconds: 60, clear_margin_percent: 10 },
  out_of_stock: { hold_seconds: 0, only_with_reorder_point: false },
  overstock: { times_reorder_point: 10, hold_seconds: 60, clear_margin_percent: 10 },
  unexplained_removal: { min_quantity: 1 },
  count_mismatch: {},
  capacity: { percent: 90, hold_seconds: 60, clear_margin_percent: 5 },
  device_silent: { missed_intervals: 3 },
  battery_low: { below: 0.15, clear_margin: 0.05 },
  clock_off: { above_seconds: 60, clear_below_seconds: 30, hold_seconds: 300 },
  quarantine_rising: { per_hour: 20 },
  geofence: { on: "arrived" },
  dwell: { minutes: 120 },
  overspeed: { kmh: 90, hold_seconds: 30, clear_margin_kmh: 5 },
  harsh_driving: { on: "any", min_g: 0 },
  load_mismatch: { hold_seconds: 10 },
  excursion: {},
  off_route: {},
  unscheduled_stop: { minutes: 10 },
  separation: { metres: 500 },
  light: { lux: 20 },
  shipment_silent: { minutes: 15 },
  late: { hold_minutes: 10, at_once_minutes: 30, clear_margin_minutes: 15 },
  integration_failing: { minutes: 15 },
};

/** One rule, with the defaults filled in. */
export type AlertRule = {
  [T in AlertType]: {
    id: number;
    /** a change of the rule raises it */
    version: number;
    type: T;
    severity: Severity;
    params: RuleParams[T];
    /** with everything below them; null: everywhere */
    locationIds: ReadonlySet<number> | null;
    /** epoch milliseconds: what was recorded before is no news */
    createdAt: number;
  };
}[AlertType];

/** Whether a rule is about what is at this location; null: at none. */
export const concerns = ({ locationIds }: Pick<AlertRule, "locationIds">, locationId: number | null): boolean =>
  locationIds === null || (locationId !== null && locationIds.has(locationId));
