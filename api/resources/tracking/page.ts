import { createHash } from "node:crypto";
import { escapeXml } from "../../http/escape-xml.ts";
import type { Tracking } from "./read-tracking.ts";
import { agoText, type Language, TEXTS, type Texts, timeText } from "./texts.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #17212b; --dim: #56646f; --ground: #f4f6f8; --card: #fff; --line: #d5dce2; --mark: #0b66c3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf2; --dim: #9fb0bd; --ground: #11181f; --card: #1a242d; --line: #33424e; --mark: #6db3f8; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px 16px; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 28px 0 8px; font-size: 16px; }
p { margin: 4px 0; }
.dim { color: var(--dim); font-size: 14px; }
.code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(96px, auto) 1fr; gap: 8px 16px; margin: 24px 0 0; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
dd span { display: block; }
ol { list-style: none; margin: 0; padding: 0; }
li { position: relative; padding: 0 0 14px 28px; }
li::before { content: ""; position: absolute; left: 4px; top: 7px; width: 10px; height: 10px; border-radius: 50%; background: var(--mark); }
li:not(:last-child)::after { content: ""; position: absolute; left: 8px; top: 17px; bottom: -7px; width: 2px; background: var(--line); }
li strong { display: block; }
a { color: var(--mark); }
footer { max-width: 640px; margin: 12px auto 0; padding: 0 24px; }
`;

/** Nothing but this style: no script, no picture, no form, and no other page around it. */
export const PAGE_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE, "utf8").digest("base64")}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

interface Frame {
  language: Language;
  title: string;
  body: string;
}

const frame = ({ language, title, body }: Frame): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="referrer" content="no-referrer">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;

/** The page that a tracking link opens. It does not load itself again: that would take those away from their place who have it read to them. */
export function trackingPage({ view, timeZone }: Tracking, language: Language): string {
  const texts = TEXTS[language];
  const time = (at: Date): string =>
    `<time datetime="${at.toISOString()}">${escapeXml(timeText(at, texts, timeZone))}</time>`;
  const ago = (at: Date): string => agoText(Math.max(0, (view.as_of.getTime() - at.getTime()) / 1000), texts);
  const title = `${texts.title} ${view.tracking_number}`;
  const stages = view.stages
    .toSorted((a, b) => b.reached_at.getTime() - a.reached_at.getTime())
    .map(
      ({ stage, reached_at: at }) =>
        `<li><strong>${texts.stages[stage]}</strong> <span class="dim">${time(at)}</span></li>`,
    );
  const body = `<main>
<p class="dim">${texts.title} <span class="code">${escapeXml(view.tracking_number)}</span></p>
<h1>${texts.statuses[view.status]}</h1>
<p class="dim">${texts.since} ${time(view.status_since)}, ${escapeXml(ago(view.status_since))}</p>
<dl>${facts(view, texts, { time, ago })
    .map(
      ([name, value, more]) =>
        `\n<dt>${name}</dt><dd>${value}${more === "" ? "" : `<span class="dim">${more}</span>`}</dd>`,
    )
    .join("")}
</dl>
<h2>${texts.journey}</h2>
<ol>
${stages.join("\n")}
</ol>
</main>
<footer class="dim">${texts.asOf} ${time(view.as_of)}</footer>`;
  return frame({ language, title, body });
}

interface Clock {
  time: (at: Date) => string;
  ago: (at: Date) => string;
}

/** Each figure, and under it how old it is. */
function facts(view: Tracking["view"], texts: Texts, { time, ago }: Clock): [string, string, string][] {
  const { eta, due_at: due, place, position } = view;
  const rows: [string, string, string][] = [];
  if (eta) rows.push([texts.eta, time(eta.at), `${texts.estimated} ${escapeXml(ago(eta.estimated_at))}`]);
  if (due) rows.push([texts.due, time(due), ""]);
  if (place) {
    const name = place.is_there ? texts.at : texts.lastAt;
    rows.push([name, escapeXml(place.name), `${texts.arrived} ${time(place.since)}`]);
  }
  if (position) {
    const format = new Intl.NumberFormat(texts.locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const words = `${format.format(position.lat)}°, ${format.format(position.lon)}°`;
    const link = `<a href="geo:${position.lat},${position.lon}">${words}</a>`;
    rows.push([texts.position, link, `${texts.withinKm}, ${texts.measured} ${escapeXml(ago(position.measured_at))}`]);
  }
  return rows;
}

/** What a link that shows nothing opens: the same whether it was never there, was revoked, or has expired. */
export const nothingPage = (language: Language): string => notice(language, "noLink", "noLinkWhy");

export const tooManyPage = (language: Language): string => notice(language, "tooMany", "tooManyWhy");

function notice(language: Language, title: "noLink" | "tooMany", why: "noLinkWhy" | "tooManyWhy"): string {
  const texts = TEXTS[language];
  return frame({ language, title: texts[title], body: `<main><h1>${texts[title]}</h1><p>${texts[why]}</p></main>` });
}
