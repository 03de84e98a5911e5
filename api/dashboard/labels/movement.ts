import type { MotionState } from "../map/truck-markers.ts";

export const MOTION_LABELS: Record<MotionState, string> = { moving: "Moving", idle: "Standing", silent: "Silent" };

/** "62 km/h" from metres per second; a dash when the device reports no speed. */
export function formatSpeed(metresPerSecond: number | null): string {
  return metresPerSecond === null ? "–" : `${Math.round(metresPerSecond * 3.6)} km/h`;
}

const COMPASS_POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;

/** "SW" from degrees clockwise from north; empty when the heading is unknown. */
export function compassPoint(heading: number | null): string {
  return heading === null ? "" : (COMPASS_POINTS[Math.round((((heading % 360) + 360) % 360) / 45) % 8] ?? "");
}
