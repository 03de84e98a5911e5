import type { MotionState } from "../map/motion.ts";

export const MOTION_WORDS: Record<MotionState, string> = { moving: "Moving", idle: "Standing", silent: "Silent" };

/** "62 km/h" from metres per second; a dash when the device does not say. */
export function kilometresPerHour(metresPerSecond: number | null): string {
  return metresPerSecond === null ? "–" : `${Math.round(metresPerSecond * 3.6)} km/h`;
}

const POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;

/** "SW" from degrees clockwise from north. */
export function compass(heading: number | null): string {
  return heading === null ? "" : (POINTS[Math.round((((heading % 360) + 360) % 360) / 45) % 8] ?? "");
}
