import type { Alert } from "../../resources/alerts/schema.ts";

export type MessageKind = "alert" | "digest" | "escalation" | "test";

/** What is told to people, before a channel gives it its form. */
export interface Message {
  /** the same at each attempt: by it the receiver knows a repeat */
  key: string;
  deliveryId: number;
  kind: MessageKind;
  /** when it was decided to tell */
  at: Date;
  rule: { id: number; name: string };
  /** those that are told, the oldest first; none in a test */
  alerts: readonly Alert[];
  /** how many there are; more than `alerts` where there are too many for a message */
  total: number;
  /** base of links */
  publicUrl: string;
}

/** Told in full in one message; of the rest their number. */
export const MAX_ALERTS = 50;

export const linkOf = (publicUrl: string, { id }: Pick<Alert, "id">): string =>
  `${publicUrl}/#/?tab=alerts&alert=${id}`;

const SEVERITY = { info: "Notice", warning: "Warning", critical: "Critical" } as const;

/** e.g. `Critical: Apples at Shop 3` */
export const headline = ({ severity, title }: Alert): string => `${SEVERITY[severity]}: ${title}`;

/** In one line what a message is about. */
export function subjectOf({ kind, rule, alerts, total }: Message): string {
  if (kind === "test") return `Test of the notification rule ${rule.name}`;
  const [first] = alerts;
  const what = total === 1 && first !== undefined ? headline(first) : `${total} alerts`;
  if (kind === "escalation") return `Nobody has acknowledged: ${what}`;
  return what;
}

export const TEST_TEXT = "This is a test. Alerts of this rule will come to this address.";

/** More alerts than are told; empty when there are none. */
export const restOf = ({ alerts, total }: Message): string =>
  total > alerts.length ? `And ${total - alerts.length} more.` : "";
