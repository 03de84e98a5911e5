import { ssccIn } from "../../../ingest/domain/gs1/sscc.ts";
import { barBoxes, fit, type Layout, qrBoxes, type Text } from "../labels/layout.ts";

/** The usual size of labels of logistic units (GS1 Logistic Label Guideline §4.4: 105 by 148 mm; printers take 100 by 150). */
const WIDTH_MM = 100;
const HEIGHT_MM = 150;
const MARGIN_MM = 4;
/** Where the lines of the address begin. */
const TO_TOPS_MM = [20, 32, 42];
const QR_MM = 34;
const QR_TOP_MM = 60;
const BARS_TOP_MM = 102;
/** GS1 General Specifications §5.12, table 2: bars of logistic units have modules of 0.495 mm at least, and are 31.75 mm high. */
const BARS_HEIGHT_MM = 34;
const MIN_MODULE_MM = 0.25;
const MAX_MODULE_MM = 0.5;

/** What stands on the label of a shipment, or of one of its units. */
export interface ShippingLabel {
  from: string | null;
  /** lines of an address: who it is for first */
  to: readonly string[];
  /** small lines beside the QR code: reference, what is in it, weight */
  notes: readonly string[];
  /** SSCC of 18 digits, or a number of our own */
  number: string;
  /** the content of the QR code */
  qr: string;
}

/** @param dotsPerMm 8 at 203 dpi, 12 at 300 dpi */
export function layoutOfShipping(label: ShippingLabel, dotsPerMm: number): Layout {
  const dots = (mm: number): number => Math.round(mm * dotsPerMm);
  const [width, height, margin] = [dots(WIDTH_MM), dots(HEIGHT_MM), dots(MARGIN_MM)];
  const isSscc = ssccIn(label.number) === label.number;
  const bars = isSscc
    ? ({ symbology: "gs1-128", text: `(00)${label.number}` } as const)
    : ({ symbology: "code128", text: label.number } as const);
  const texts: Text[] = [];
  const write = (text: string, top: number, sizes: { most: number; least: number }, space = width - 2 * margin) => {
    if (text.trim() === "") return;
    const fitted = fit(text, { most: dots(sizes.most), least: dots(sizes.least), width: space });
    texts.push({ x: margin, y: dots(top), ...fitted });
  };
  if (label.from !== null) write(`From ${label.from}`, 5, { most: 4, least: 2.5 });
  if (label.to.length > 0) write("To", 14, { most: 4, least: 4 });
  for (const [at, line] of label.to.slice(0, TO_TOPS_MM.length).entries())
    write(line, TO_TOPS_MM[at]!, { most: at === 0 ? 9 : 6, least: 3 });
  for (const [at, note] of label.notes.slice(0, 6).entries())
    write(note, QR_TOP_MM + at * 6, { most: 4, least: 2.5 }, width - 3 * margin - dots(QR_MM));
  write(bars.text, BARS_TOP_MM + BARS_HEIGHT_MM + 3, { most: 5.5, least: 3 });
  return {
    widthMm: WIDTH_MM,
    heightMm: HEIGHT_MM,
    width,
    height,
    boxes: [
      { x: margin, y: dots(QR_TOP_MM - 5), width: width - 2 * margin, height: Math.max(1, dots(0.4)) },
      ...qrBoxes(label.qr, { right: width - margin, top: dots(QR_TOP_MM), maxSize: dots(QR_MM) }),
      ...barBoxes(bars, {
        x: 0,
        y: dots(BARS_TOP_MM),
        width,
        height: dots(BARS_HEIGHT_MM),
        minModule: Math.ceil(MIN_MODULE_MM * dotsPerMm),
        maxModule: Math.floor(MAX_MODULE_MM * dotsPerMm),
      }),
    ],
    texts,
  };
}
