import { type Hours, nextOpen } from "./hours.ts";

const MINUTE = 60_000;
/** An event that waited longer for a relay is news only while its alert lasts. */
const FRESH_MS = 60 * MINUTE;

/** What a notification rule says of when people are told. */
export interface Timing {
  /** null: always */
  hours: Hours | null;
  /** so long is gathered what comes; null: each alert by itself */
  digestMinutes: number | null;
  /** null: nobody is told again */
  escalateAfterMinutes: number | null;
}

/** When people are told of an alert. */
export interface Plan {
  /** epoch milliseconds */
  dueAt: number;
  /** it waits: what is over by then is left out */
  held: boolean;
}

/**
 * Plans when people are told of an alert: at once, or at the end of its digest, and in the hours of the rule.
 * @param zone of the alert's location, IANA name
 * @param happenedAt when the alert was opened, epoch milliseconds
 */
export function planNotification(timing: Timing, zone: string, happenedAt: number, now: number): Plan {
  const dueAt = withinHours(timing, zone, now + (timing.digestMinutes ?? 0) * MINUTE);
  return { dueAt, held: dueAt > now || now - happenedAt > FRESH_MS };
}

/**
 * When people are told again of what nobody has acknowledged. It counts from when the first message was due, whatever became of that,
 * and keeps the hours too. Null: never.
 */
export function escalationAt(timing: Timing, zone: string, dueAt: number): number | null {
  const { escalateAfterMinutes: minutes } = timing;
  return minutes === null ? null : withinHours(timing, zone, dueAt + minutes * MINUTE);
}

const withinHours = ({ hours }: Timing, zone: string, at: number): number =>
  hours === null ? at : nextOpen(hours, zone, at);
