/**
 * The writes that a statement may be made of, in the order in which they stand in it. One order for all callers: the same
 * writes then are the same statement, which is prepared once, and all statements lock their rows in the same order. No write
 * is named like a table, which it would hide from those after it.
 */
export const WRITE_ORDER = [
  "cursor_moved",
  "frames_skipped",
  "registry",
  "new_gps",
  "new_rfid",
  "new_scale",
  "new_env",
  "new_scan",
  "new_vehicle",
  "new_status",
  "new_ids",
  "devices_written",
  "device_versions",
  "signal",
  "tags_to_derive",
  "tags_written",
  "flags",
  "late_windows_added",
  "late_windows_deleted",
  "checkpoints_deleted",
  "checkpoints",
  "timers_tag_presence",
  "timers_unexplained_removal",
  "timers_reached",
  "timers_postponed",
  "timers_deleted",
  "positions",
  "positions_replaced",
  "quarantined",
  // Counts what "quarantined" has taken.
  "quarantine_counted",
  "raw",
  "reported",
  "locked",
  "facts_added",
  "facts_withdrawn",
  "voids_written",
  "facts_restored",
  "shipped",
  "on_vehicle_written",
  "on_vehicle_deleted",
  "inventory_written",
  "inventory_deleted",
  "custody_added",
  "custody_ends_written",
  "left_for_relay",
  "trips_folded",
  "trip_stops_folded",
  "unplanned_stops_written",
  "unplanned_stops_deleted",
  "stays_written",
  "stays_deleted",
  "stocked",
  "levels_left_for_relay",
  "moved",
  "unmoved",
  "lots_added",
  "stock_lots_written",
  "stock_lots_deleted",
  "lots_moved",
  "lots_unmoved",
  "serials_scanned",
  "serials_read",
  "unit_dwells_written",
  "unit_dwells_deleted",
  "replies",
  "released",
  "scans_retried",
  "notice",
] as const;

export type WriteName = (typeof WRITE_ORDER)[number];

const RANKS = new Map(WRITE_ORDER.map((name, rank) => [name, rank]));

export function inWriteOrder<W extends { name: WriteName }>(writes: readonly W[]): W[] {
  return writes.toSorted((a, b) => RANKS.get(a.name)! - RANKS.get(b.name)!);
}
