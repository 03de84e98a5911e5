import type { GRAMS_PER_UNIT } from "../../broker/contract/scale.ts";
import type { RejectionReason } from "./decoder.ts";

/** One weighing, in the unit of the scale. */
export interface Weighing {
  weight: number;
  unit: keyof typeof GRAMS_PER_UNIT;
  /** `undefined`: the format does not say */
  stable: boolean | undefined;
  /** the scale has subtracted a tare */
  net: boolean;
}

export type WeighingResult = { ok: true; weighing: Weighing } | { ok: false; reason: RejectionReason; detail: string };

/** A number, its sign (blanks may follow it) and a unit. */
const VALUE = String.raw`([+-]?)\s*(\d+\.?\d*|\.\d+)\s*([a-z]+)`;

/** Pounds and ounces, in two units: `2 lb 3.5 oz`, `2:03.5 lb:oz`. */
const POUNDS_OUNCES = /^([+-]?)\s*(\d+)\s*(?:lbs?\s*:?|:)\s*(\d+\.?\d*|\.\d+)\s*(?:oz|lbs?\s*:\s*oz)$/i;
const OUNCES_PER_POUND = 16;

/** What a scale answers instead of a weight. */
const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [/^ES$/i, "it did not understand the command (ES)"],
  [/^ET$/i, "a transmission error (ET)"],
  [/^EL$/i, "it cannot execute the command (EL)"],
  [/^EC\s*,\s*E\d+$/i, "a communication error"],
  [/^(?:Err?(?:or)?[\s.:]*[\d.]*|E\d{1,3})$/i, "an error"],
  [/^(?:APP|DIS|PRT)\.ERR$/i, "an error"],
  [/^[?]+\s*[A-Z]?$/i, "it did not understand the command"],
  [/^(?:stat\s+)?(?:cal\.?|calibrat\w*|busy|off|wait|standby)$/i, "it is not weighing"],
];

/** No scale sends a longer line. A longer one is not matched, because the expressions below could be slow on it. */
const MAX_LINE = 128;

/** A&D, CAS, Ohaus and compatible: `ST,GS,+   5.230kg`. The first header is the stability, the second gross, net or tare. */
const HEADED = new RegExp(`^(ST|US|OL|QT|UL)\\s*,\\s*(?:(GS|NT|TR|G|N|T)\\s*,\\s*)?(.*)$`, "i");
/** Mettler Toledo MT-SICS: `S S     100.00 g`. D: dynamic, I: not executable now, +: overload, -: underload. */
const SICS = /^S\s+([SDI+-])(?:\s+(.*))?$/i;
/** Yaohua and Excell: `wn00012.34kg` net, `wg` gross, `ww` weighing. */
const PREFIXED = /^w([wgnt])(.*)$/i;
/** Without header: gross or net before or after the value, and `?` while the weight has not settled. */
const BARE = new RegExp(
  `^(?:(G|N|GS|NT|Gross|Net)\\s*:?\\s+)?${VALUE}\\s*(\\?)?\\s*(G|N|GS|NT|Gross|Net)?\\s*(\\?)?$`,
  "i",
);
const JUST_VALUE = new RegExp(`^${VALUE}$`, "i");

/** Sartorius and others send a text instead of a weight when there is none. */
const NO_WEIGHT = /^(?:OL|UL|stat\s+|-*OL-*|H{3,}|L{3,}|Over|Under|-{3,}|Err)/i;

/** Parses one line of text. */
export function parseScaleText(line: string): WeighingResult {
  const text = line.trim();
  if (text.length > MAX_LINE) return refusal("malformed", text, `a line of ${text.length} characters`);
  const answer = ANSWERS.find(([pattern]) => pattern.test(text))?.[1];
  if (answer !== undefined) return refusal("unsupported", text, `the scale answers with no weight: ${answer}`);
  const headed = HEADED.exec(text);
  if (headed) return headedLine(text, headed[1] ?? "", headed[2], headed[3] ?? "");
  const sics = SICS.exec(text);
  if (sics) return sicsLine(text, sics[1] ?? "", sics[2] ?? "");
  const prefixed = PREFIXED.exec(text);
  if (prefixed) return valueOf(text, prefixed[2] ?? "", { stable: undefined, net: /n/i.test(prefixed[1] ?? "") });
  if (NO_WEIGHT.test(text)) return refusal("overload", text);
  if (POUNDS_OUNCES.test(text)) return valueOf(text, text, { stable: undefined, net: false });
  const bare = BARE.exec(text);
  if (!bare) return refusal("malformed", text);
  const [, before, sign, digits, unit, mark, after, lastMark] = bare;
  const stable = (mark ?? lastMark) === undefined ? undefined : false;
  return valueOf(text, `${sign}${digits}${unit}`, { stable, net: /^N/i.test(before ?? after ?? "") });
}

function headedLine(text: string, header: string, what: string | undefined, value: string): WeighingResult {
  const state = header.toUpperCase();
  if (state === "OL" || state === "UL") return refusal("overload", text);
  if (state === "QT") return refusal("unsupported", text, "a count of pieces, not a weight");
  if (/^T/i.test(what ?? "")) return refusal("unsupported", text, "a tare, not a weight");
  return valueOf(text, value, { stable: state === "ST", net: /^N/i.test(what ?? "") });
}

function sicsLine(text: string, state: string, value: string): WeighingResult {
  if (state === "+" || state === "-") return refusal("overload", text);
  if (/I/i.test(state)) return refusal("unsupported", text, "the scale could not weigh");
  return valueOf(text, value, { stable: /S/i.test(state), net: false });
}

function valueOf(text: string, value: string, flags: Pick<Weighing, "stable" | "net">): WeighingResult {
  const [, sign, pounds, ounces] = POUNDS_OUNCES.exec(value.trim()) ?? [];
  if (pounds !== undefined) {
    const weight = (Number(pounds) * OUNCES_PER_POUND + Number(ounces)) * (sign === "-" ? -1 : 1);
    return { ok: true, weighing: { weight, unit: "oz", ...flags } };
  }
  const match = JUST_VALUE.exec(value.trim());
  if (!match) return refusal("malformed", text);
  const unit = UNITS[(match[3] ?? "").toLowerCase()];
  if (!unit) return refusal("unsupported", text, `the unit ${match[3]}`);
  const weight = Number(match[2]) * (match[1] === "-" ? -1 : 1);
  return { ok: true, weighing: { weight, unit, ...flags } };
}

const UNITS: Readonly<Record<string, Weighing["unit"]>> = { g: "g", kg: "kg", lb: "lb", lbs: "lb", oz: "oz" };

const EXPLAINED: Partial<Record<RejectionReason, string>> = {
  overload: "over or under the range of the scale",
  malformed: "not a known line of a scale",
};

function refusal(reason: RejectionReason, text: string, why = EXPLAINED[reason] ?? reason): WeighingResult {
  return { ok: false, reason, detail: `${why}: ${JSON.stringify(text.slice(0, 64))}` };
}
