import { plainLabel } from "../../labels/status-labels.ts";
import type { NotificationRule } from "../../state/resources.ts";

export type Channel = NotificationRule["channel"];
export type Day = NonNullable<NotificationRule["hours"]>["days"][number];

export const CHANNELS: readonly [Channel, label: string, target: string][] = [
  ["email", "E-mail", "name@example.com"],
  ["push", "Browser", "name@example.com, or a role such as manager"],
  ["slack", "Slack", "https://hooks.slack.com/services/…"],
  ["teams", "Microsoft Teams", "https://….webhook.office.com/…"],
  ["webhook", "Webhook", "https://example.com/hooks/waystock"],
];

export const DAYS: readonly [Day, string][] = [
  ["mon", "Monday"],
  ["tue", "Tuesday"],
  ["wed", "Wednesday"],
  ["thu", "Thursday"],
  ["fri", "Friday"],
  ["sat", "Saturday"],
  ["sun", "Sunday"],
];

export const channelLabel = (channel: Channel): string => CHANNELS.find(([name]) => name === channel)?.[1] ?? channel;

/** When, and of what, people are told. */
export function timingOf(rule: NotificationRule): string {
  const { hours, digest_minutes: digest, escalate_after_minutes: after, escalate_to: other } = rule;
  const days = DAYS.filter(([day]) => hours?.days.includes(day)).map(([, name]) => name.slice(0, 3));
  return [
    hours === null ? "at any time" : `${hours.from} to ${hours.to}${days.length === 7 ? "" : ` on ${days.join(", ")}`}`,
    digest === null ? null : `gathered for ${digest} min`,
    after === null ? null : `again after ${after} min${other === null ? "" : ` to ${other}`}`,
  ]
    .filter((part) => part !== null)
    .join("; ");
}

export const typesOf = ({ types, severities }: NotificationRule): string =>
  `${types.map(plainLabel).join(", ")}${severities === null ? "" : ` (${severities.join(", ")})`}`;
