import type { ShipmentStatus, Stage } from "../../../ingest/domain/fact.ts";

/** What the tracking page and the delivery note say, in one language. */
export interface Texts {
  /** BCP 47, also for dates and numbers */
  locale: string;
  title: string;
  statuses: Readonly<Record<ShipmentStatus, string>>;
  stages: Readonly<Record<Stage, string>>;
  since: string;
  journey: string;
  due: string;
  eta: string;
  estimated: string;
  at: string;
  lastAt: string;
  arrived: string;
  position: string;
  withinKm: string;
  measured: string;
  asOf: string;
  noLink: string;
  noLinkWhy: string;
  tooMany: string;
  tooManyWhy: string;
}

const EN: Texts = {
  locale: "en-GB",
  title: "Shipment",
  statuses: {
    in_production: "In production",
    in_storage: "In storage",
    in_transit: "On its way",
    out_for_delivery: "Out for delivery",
    arrived: "Arrived at the destination",
    delivered: "Delivered",
    returned: "Returned",
    exception: "Held up",
    cancelled: "Cancelled",
  },
  stages: { production: "Production", storage: "Storage", transportation: "Transport", delivery: "Delivery" },
  since: "since",
  journey: "Its journey",
  due: "Promised for",
  eta: "Expected",
  estimated: "estimated",
  at: "At",
  lastAt: "Last at",
  arrived: "since",
  position: "Position",
  withinKm: "to 1 km",
  measured: "measured",
  asOf: "As of",
  noLink: "There is nothing here",
  noLinkWhy: "This link is not known, or it shows nothing any longer. Ask the sender for a new one.",
  tooMany: "Too many requests",
  tooManyWhy: "Please wait a little, then load this page again.",
};

const DE: Texts = {
  locale: "de-DE",
  title: "Sendung",
  statuses: {
    in_production: "In Produktion",
    in_storage: "Im Lager",
    in_transit: "Unterwegs",
    out_for_delivery: "In Zustellung",
    arrived: "Am Ziel eingetroffen",
    delivered: "Zugestellt",
    returned: "Zurückgesandt",
    exception: "Verzögert",
    cancelled: "Storniert",
  },
  stages: { production: "Produktion", storage: "Lager", transportation: "Transport", delivery: "Zustellung" },
  since: "seit",
  journey: "Verlauf",
  due: "Zugesagt für",
  eta: "Erwartet",
  estimated: "geschätzt",
  at: "Ort",
  lastAt: "Zuletzt in",
  arrived: "seit",
  position: "Position",
  withinKm: "auf 1 km genau",
  measured: "gemessen",
  asOf: "Stand",
  noLink: "Hier ist nichts zu sehen",
  noLinkWhy: "Dieser Link ist nicht bekannt oder zeigt nichts mehr. Bitten Sie den Absender um einen neuen.",
  tooMany: "Zu viele Anfragen",
  tooManyWhy: "Bitte warten Sie kurz und laden Sie die Seite dann neu.",
};

export type Language = "en" | "de";
export const TEXTS: Readonly<Record<Language, Texts>> = { en: EN, de: DE };

const known = (tag: string): Language | undefined => {
  const language = tag.trim().toLowerCase().split("-")[0]!;
  return language in TEXTS ? (language as Language) : undefined;
};

/** The party's language where we have it, else the first of the browser's (RFC 9110 §12.5.4), else English. */
export function languageFor(ofParty: string | null, acceptLanguage = ""): Language {
  const party = ofParty === null ? undefined : known(ofParty);
  if (party !== undefined) return party;
  const wanted = acceptLanguage.split(",").map((range) => {
    const [tag = "", ...parameters] = range.split(";");
    const weight = parameters.map((each) => /^\s*q=(\d(?:\.\d{1,3})?)\s*$/i.exec(each)?.[1]).find(Boolean);
    return { tag, weight: weight === undefined ? 1 : Number(weight) };
  });
  for (const { tag, weight } of wanted.toSorted((a, b) => b.weight - a.weight)) {
    const language = weight === 0 ? undefined : known(tag);
    if (language !== undefined) return language;
  }
  return "en";
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** How long ago, e.g. `5 minutes ago`. */
export function agoText(seconds: number, { locale }: Texts): string {
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(locale).format(-Math.floor(seconds / size), unit);
}

/** A date and a time by the clock of a place, with the name of that clock. */
export function timeText(at: Date, { locale }: Texts, timeZone: string | null): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: timeZone ?? "UTC",
    timeZoneName: "short",
  }).format(at);
}
