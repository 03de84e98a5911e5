import type { Manoeuvre } from "../domain/vehicle/manoeuvres.ts";

/** Alarms of Traccar's Position.java; several are separated by commas. */
const ALARMS: readonly (readonly [alarm: string, Manoeuvre])[] = [
  ["hardBraking", "braking"],
  ["hardAcceleration", "acceleration"],
  ["hardCornering", "cornering"],
];

/** The harsh manoeuvre that an alarm tells of; of several the first in this order. @returns undefined: of none */
export function harshOf(alarm: unknown): Manoeuvre | undefined {
  if (typeof alarm !== "string") return undefined;
  const told = new Set(alarm.split(",").map((name) => name.trim()));
  return ALARMS.find(([name]) => told.has(name))?.[1];
}
