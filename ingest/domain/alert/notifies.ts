import type { AlertType } from "./rule.ts";

/** Types that matter only while they happen. The others are still true when late data tells them. */
const LIVE_ONLY: ReadonlySet<AlertType> = new Set([
  "geofence",
  "dwell",
  "harsh_driving",
  "device_silent",
  "unexplained_removal",
  "off_route",
  "unscheduled_stop",
  "separation",
  "light",
  "shipment_silent",
]);

/** Whether people are told of an alert: of what is over, and became known by late data, they read on the page. */
export const notifies = (type: AlertType, late: boolean): boolean => !(late && LIVE_ONLY.has(type));
