/** What a driver may do too harshly. */
export const MANOEUVRES = ["braking", "acceleration", "cornering"] as const;
export type Manoeuvre = (typeof MANOEUVRES)[number];
