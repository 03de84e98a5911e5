import type { Label } from "./label.ts";
import { barsOf, qrOf } from "./symbols.ts";

const WIDTH_MM = 100;
const HEIGHT_MM = 50;
const MARGIN_MM = 4;
const QR_MM = 24;
const BARS_TOP_MM = 20;
const BARS_HEIGHT_MM = 16;
/** A module under this is not read reliably by hand scanners (GS1 General Specifications §5.12: 0.25 mm at least). */
const MIN_MODULE_MM = 0.25;
const MAX_MODULE_MM = 0.5;
/** A linear symbol needs so many modules of nothing at each side (ISO/IEC 15417 §4.5). */
const QUIET_MODULES = 10;
/** How wide letters are, in parts of their height: the widest usual font, so that nothing is cut. */
const LETTER_WIDTH = 0.66;

/** A label in whole dots of the printer: the same for every format. Origin at the top left. */
export interface Layout {
  widthMm: number;
  heightMm: number;
  width: number;
  height: number;
  /** dark rectangles */
  boxes: readonly Box[];
  texts: readonly Text[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Text {
  x: number;
  /** of its upper edge */
  y: number;
  /** height of a line */
  size: number;
  text: string;
}

/** @param dotsPerMm 8 at 203 dpi, 12 at 300 dpi */
export function layoutOf(label: Label, dotsPerMm: number): Layout {
  const dots = (mm: number): number => Math.round(mm * dotsPerMm);
  const [width, height, margin] = [dots(WIDTH_MM), dots(HEIGHT_MM), dots(MARGIN_MM)];
  const qr = qrBoxes(label.qr, { right: width - margin, top: dots(BARS_TOP_MM), maxSize: dots(QR_MM) });
  const left = width - margin * 2 - dots(QR_MM) - margin;
  const bars = barBoxes(label.bars, {
    x: margin,
    y: dots(BARS_TOP_MM),
    width: left,
    height: dots(BARS_HEIGHT_MM),
    minModule: Math.ceil(MIN_MODULE_MM * dotsPerMm),
    maxModule: Math.floor(MAX_MODULE_MM * dotsPerMm),
  });
  const line = (text: string, top: number, sizes: { most: number; least: number }, space: number): Text[] => {
    const fitted = fit(text, { most: dots(sizes.most), least: dots(sizes.least), width: space });
    return fitted.text === "" ? [] : [{ x: margin, y: dots(top), ...fitted }];
  };
  const whole = width - 2 * margin;
  return {
    widthMm: WIDTH_MM,
    heightMm: HEIGHT_MM,
    width,
    height,
    boxes: [...bars, ...qr],
    texts: [
      ...line(label.title, 3, { most: 8, least: 4 }, whole),
      ...line(label.subtitle, 13, { most: 4, least: 2.5 }, whole),
      ...line(label.bars.text, BARS_TOP_MM + BARS_HEIGHT_MM + 2, { most: 5, least: 2.5 }, left),
    ],
  };
}

export interface BarSpace extends Box {
  minModule: number;
  maxModule: number;
}

/** None when the bars would be too narrow to be read: the QR code says the same. */
export function barBoxes(bars: Label["bars"], space: BarSpace): Box[] {
  const widths = barsOf(bars);
  if (widths === undefined) return [];
  const modules = widths.reduce((sum, each) => sum + each, 2 * QUIET_MODULES);
  const module = Math.min(space.maxModule, Math.floor(space.width / modules));
  if (module < space.minModule) return [];
  let x = space.x + QUIET_MODULES * module;
  return widths.flatMap((each, at) => {
    const box = { x, y: space.y, width: each * module, height: space.height };
    x += box.width;
    return at % 2 === 0 ? [box] : [];
  });
}

export function qrBoxes(text: string, { right, top, maxSize }: { right: number; top: number; maxSize: number }): Box[] {
  const rows = qrOf(text);
  const module = Math.max(1, Math.floor(maxSize / rows.length));
  const left = right - module * rows.length;
  return rows.flatMap((row, at) => {
    const boxes: Box[] = [];
    for (let start = 0; start < row.length; start += 1) {
      if (row[start] !== true) continue;
      let end = start;
      while (row[end] === true) end += 1;
      boxes.push({ x: left + start * module, y: top + at * module, width: (end - start) * module, height: module });
      start = end;
    }
    return boxes;
  });
}

/** The largest size at which a text fits, cut with "…" where even the smallest is too wide. Signs that do not print are spaces. */
export function fit(text: string, { most, least, width }: { most: number; least: number; width: number }) {
  const printed = text.replaceAll(/[\p{Cc}\p{Cs}\p{Cn}]/gu, " ").trim();
  const letters = Array.from(new Intl.Segmenter().segment(printed), ({ segment }) => segment);
  const widthOf = (some: readonly string[]): number =>
    some.reduce((sum, letter) => sum + (letter >= "\u2E80" ? 1 : LETTER_WIDTH), 0);
  const size = Math.max(least, Math.min(most, Math.floor(width / Math.max(widthOf(letters), 1))));
  if (widthOf(letters) * size <= width) return { text: letters.join(""), size };
  while (letters.length > 0 && (widthOf(letters) + LETTER_WIDTH) * size > width) letters.pop();
  return { text: `${letters.join("").trimEnd()}…`, size };
}
