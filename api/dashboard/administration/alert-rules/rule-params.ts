import type { AlertRule } from "../../state/resources.ts";

export type AlertType = AlertRule["type"];

export const TYPE_LABELS: Record<AlertType, string> = {
  low_stock: "Stock at its reorder point",
  out_of_stock: "Out of stock",
  overstock: "Too much stock",
  unexplained_removal: "Taken without a reason",
  count_mismatch: "A shelf must be counted",
  capacity: "Place nearly full",
  device_silent: "Silent device",
  battery_low: "Low battery",
  clock_off: "Clock of a device",
  quarantine_rising: "Messages that cannot be taken",
  integration_failing: "Integration that fails",
  geofence: "Vehicle arrives or leaves",
  dwell: "Vehicle stays long",
  overspeed: "Vehicle drives too fast",
  harsh_driving: "Harsh braking, acceleration or cornering",
  load_mismatch: "Loaded otherwise than planned",
  excursion: "Out of temperature or another condition",
  off_route: "Off its route",
  unscheduled_stop: "Stop that is not planned",
  separation: "Goods and truck apart",
  light: "Light on goods under way",
  shipment_silent: "Silent shipment",
  late: "Late shipment",
};

interface Param {
  name: string;
  label: string;
  initial: number | string;
  options?: readonly [value: string, label: string][];
}

/** What a rule of each type may set. The server has the last word. */
export const PARAMS: Record<AlertType, readonly Param[]> = {
  low_stock: [
    { name: "hold_seconds", label: "For so many seconds", initial: 60 },
    { name: "clear_margin_percent", label: "Over when above it by more than, %", initial: 10 },
  ],
  out_of_stock: [{ name: "hold_seconds", label: "For so many seconds", initial: 0 }],
  overstock: [{ name: "times_reorder_point", label: "More than so many times the reorder point", initial: 10 }],
  unexplained_removal: [{ name: "min_quantity", label: "So many pieces at least", initial: 1 }],
  count_mismatch: [],
  capacity: [
    { name: "percent", label: "At so many percent of its capacity", initial: 90 },
    { name: "hold_seconds", label: "For so many seconds", initial: 60 },
    { name: "clear_margin_percent", label: "Over when below it by more than, %", initial: 5 },
  ],
  device_silent: [{ name: "missed_intervals", label: "After so many of its intervals", initial: 3 }],
  battery_low: [{ name: "below", label: "At or below (0 to 1)", initial: 0.15 }],
  clock_off: [{ name: "above_seconds", label: "Off by more than, seconds", initial: 60 }],
  quarantine_rising: [{ name: "per_hour", label: "So many messages in an hour", initial: 20 }],
  integration_failing: [{ name: "minutes", label: "For so many minutes", initial: 15 }],
  geofence: [
    {
      name: "on",
      label: "When it",
      initial: "arrived",
      options: [
        ["arrived", "arrives"],
        ["departed", "leaves"],
        ["both", "does either"],
      ],
    },
  ],
  dwell: [{ name: "minutes", label: "Longer than, minutes", initial: 120 }],
  overspeed: [
    { name: "kmh", label: "Faster than, km/h", initial: 90 },
    { name: "hold_seconds", label: "For so many seconds", initial: 30 },
    { name: "clear_margin_kmh", label: "Over when slower by, km/h", initial: 5 },
  ],
  harsh_driving: [
    {
      name: "on",
      label: "When it is",
      initial: "any",
      options: [
        ["any", "any of them"],
        ["braking", "braking"],
        ["acceleration", "acceleration"],
        ["cornering", "cornering"],
      ],
    },
    { name: "min_g", label: "At least so hard, g", initial: 0 },
  ],
  load_mismatch: [{ name: "hold_seconds", label: "So many seconds after the vehicle has left", initial: 10 }],
  excursion: [],
  off_route: [],
  unscheduled_stop: [{ name: "minutes", label: "Longer than, minutes (10 at least)", initial: 10 }],
  separation: [{ name: "metres", label: "So many metres apart (500 at least)", initial: 500 }],
  light: [{ name: "lux", label: "So much light, lux (20 at least)", initial: 20 }],
  shipment_silent: [{ name: "minutes", label: "Silent for, minutes (15 at least)", initial: 15 }],
  late: [
    { name: "hold_minutes", label: "Expected after the promise for, minutes", initial: 10 },
    { name: "at_once_minutes", label: "At once when later than, minutes", initial: 30 },
    { name: "clear_margin_minutes", label: "Over when earlier by, minutes", initial: 15 },
  ],
};
