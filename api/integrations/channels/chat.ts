import { headline, linkOf, type Message, restOf, subjectOf, TEST_TEXT } from "./message.ts";

/** Of a message in a chat; more is read on the page. */
const MAX_TOLD = 20;

/** Slack reads these three as its own marks (Slack: "Formatting text for app surfaces", escaping). */
const slackText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A message as an incoming webhook of Slack takes it. */
export function slackBody(message: Message): string {
  const { alerts, publicUrl, kind } = message;
  const sections = alerts.slice(0, MAX_TOLD).map((alert) => {
    const title = `*<${linkOf(publicUrl, alert)}|${slackText(headline(alert).replaceAll("|", "/"))}>*`;
    return section(`${title}\n${slackText(alert.next_step)}`);
  });
  const rest = restText(message);
  const blocks = [
    section(`*${slackText(subjectOf(message))}*`),
    ...(kind === "test" ? [section(TEST_TEXT)] : sections),
    ...(rest === "" ? [] : [section(rest)]),
  ];
  return JSON.stringify({ text: slackText(subjectOf(message)), blocks });
}

/** A block of Slack holds 3,000 characters. */
const section = (text: string) => ({ type: "section", text: { type: "mrkdwn", text: text.slice(0, 3_000) } });

/** A message as a webhook of Teams (Workflows) takes it: an adaptive card. */
export function teamsBody(message: Message): string {
  const { alerts, publicUrl, kind } = message;
  const told = alerts.slice(0, MAX_TOLD).map((alert) => ({
    type: "Container",
    separator: true,
    items: [
      textBlock(headline(alert), { weight: "Bolder", color: alert.severity === "critical" ? "Attention" : "Default" }),
      textBlock(alert.next_step),
      { type: "ActionSet", actions: [{ type: "Action.OpenUrl", title: "Open", url: linkOf(publicUrl, alert) }] },
    ],
  }));
  const rest = restText(message);
  const body = [
    textBlock(subjectOf(message), { size: "Medium", weight: "Bolder" }),
    ...(kind === "test" ? [textBlock(TEST_TEXT)] : told),
    ...(rest === "" ? [] : [textBlock(rest)]),
  ];
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    body,
  };
  const attachment = { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content };
  return JSON.stringify({ type: "message", attachments: [attachment] });
}

/** Names hold what people have typed: no text of theirs is Markdown. */
const textBlock = (text: string, style: object = {}) => ({
  type: "TextBlock",
  text: text.replace(/[\\`*_[\]()#]/g, String.raw`\$&`),
  wrap: true,
  ...style,
});

const restText = (message: Message): string => restOf({ ...message, alerts: message.alerts.slice(0, MAX_TOLD) });
