import PDFDocument from "pdfkit";
import { bytesOf, FONT, POINTS_PER_MM } from "../labels/pdf.ts";
import { type Language, timeText, TEXTS } from "../tracking/texts.ts";
import { type PaperShipment, type PaperUnit, weightOf } from "./queries.ts";
import { PAPER_TEXTS } from "./texts.ts";

const mm = (length: number): number => length * POINTS_PER_MM;
const MARGIN = mm(18);
const LEFT = MARGIN;
const RIGHT = mm(210) - MARGIN;
const BOTTOM = mm(297) - MARGIN;
const GREY = "#555";

/** Where the columns of a table begin and how wide they are, millimetres from the left margin. */
interface Column {
  at: number;
  width: number;
  align?: "right";
}
const LINE_COLUMNS: readonly Column[] = [
  { at: 0, width: 10 },
  { at: 12, width: 34 },
  { at: 48, width: 62 },
  { at: 112, width: 36 },
  { at: 150, width: 24, align: "right" },
];
const UNIT_COLUMNS: readonly Column[] = [
  { at: 0, width: 48 },
  { at: 50, width: 124 },
];

/** The paper that goes with the goods and is signed where they are taken: A4, as many pages as the lines need. */
export async function deliveryNote(
  shipment: PaperShipment,
  units: readonly PaperUnit[],
  { language, now }: { language: Language; now: Date },
): Promise<Uint8Array> {
  const texts = PAPER_TEXTS[language];
  const title = `${texts.title} ${shipment.trackingNumber}`;
  const document = new PDFDocument({
    size: "A4",
    margin: 0,
    bufferPages: true,
    info: { Title: title, Producer: "Waystock", Creator: "Waystock" },
  });
  const written = bytesOf(document);
  document.font(FONT);
  const page = new Page(document);
  const time = (at: Date): string => timeText(at, TEXTS[language], shipment.timeZone);
  const count = new Intl.NumberFormat(TEXTS[language].locale);

  page.text(texts.title, { size: 20 });
  page.gap(2);
  page.pairs([
    [texts.number, shipment.trackingNumber],
    [texts.reference, shipment.reference],
    [texts.order, shipment.orderId === null ? null : String(shipment.orderId)],
    [texts.due, shipment.dueAt && time(shipment.dueAt)],
    [texts.printed, time(now)],
  ]);
  page.gap(4);
  page.pairs([
    [texts.sender, [shipment.owner, shipment.origin].filter(Boolean).join(", ")],
    [texts.receiver, [shipment.customer, shipment.customerAddress, shipment.destination].filter(Boolean).join(", ")],
  ]);
  page.gap(6);
  const lots = (each: PaperShipment["lines"][number]): string =>
    each.lots.map(({ lot, quantity }) => `${lot}: ${count.format(quantity)}`).join(", ");
  page.table(
    LINE_COLUMNS,
    [texts.line, texts.sku, texts.goods, texts.lots, texts.quantity],
    shipment.lines.map((each) => [
      String(each.line),
      each.sku ?? "",
      each.name,
      lots(each),
      `${count.format(each.quantity)} ${each.unit === "piece" ? texts.pieces : (each.unit ?? "")}`.trim(),
    ]),
  );
  const grams = weightOf(shipment);
  const kilograms = new Intl.NumberFormat(TEXTS[language].locale, { maximumFractionDigits: 3 });
  if (grams !== undefined) page.text(`${texts.weight}: ${kilograms.format(grams / 1000)} kg`, { size: 10 });
  if (units.length > 0) {
    const names = new Map(shipment.lines.map(({ itemId, name }) => [itemId, name]));
    page.gap(6);
    page.table(
      UNIT_COLUMNS,
      ["SSCC", texts.contents],
      units.map(({ sscc, contents }) => [
        sscc,
        contents
          .map(({ item_id, quantity, lot }) => {
            const of = lot === undefined ? "" : ` (${texts.lot} ${lot})`;
            return `${count.format(quantity)} × ${names.get(item_id) ?? item_id}${of}`;
          })
          .join(", "),
      ]),
    );
  }
  page.signature([texts.takenBy, texts.date, texts.signature]);
  page.number((at, of) => `${title} · ${texts.page} ${at}/${of}`);
  document.end();
  return written;
}

/** Writes from the top to the bottom, and goes on on the next page. */
class Page {
  readonly #document: PDFKit.PDFDocument;
  #y = MARGIN;

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
  }

  gap(millimetres: number): void {
    this.#y += mm(millimetres);
  }

  text(text: string, { size }: { size: number }): void {
    this.#write(text, { at: 0, width: 174 }, size);
    this.#y += this.#heightOf(text, 174, size) + mm(1.5);
  }

  pairs(rows: readonly (readonly [name: string, value: string | null])[]): void {
    for (const [name, value] of rows) {
      if (value === null || value === "") continue;
      this.#room(this.#heightOf(value, 134, 10));
      this.#write(name, { at: 0, width: 38 }, 10, GREY);
      this.#write(value, { at: 40, width: 134 }, 10);
      this.#y += this.#heightOf(value, 134, 10) + mm(1.2);
    }
  }

  table(columns: readonly Column[], head: readonly string[], rows: readonly (readonly string[])[]): void {
    this.#row(columns, head, GREY);
    for (const row of rows) {
      if (this.#room(this.#rowHeight(columns, row))) this.#row(columns, head, GREY);
      this.#row(columns, row);
    }
    this.gap(2);
  }

  signature(names: readonly string[]): void {
    this.#room(mm(30));
    this.gap(18);
    for (const [at, name] of names.entries()) {
      const x = LEFT + mm(at * 60);
      this.#document
        .moveTo(x, this.#y)
        .lineTo(x + mm(54), this.#y)
        .lineWidth(0.7)
        .stroke("#000");
      this.#document
        .fontSize(9)
        .fillColor(GREY)
        .text(name, x, this.#y + mm(1.5), { width: mm(54) });
    }
  }

  number(textOf: (at: number, of: number) => string): void {
    const { start, count } = this.#document.bufferedPageRange();
    for (let at = start; at < start + count; at += 1) {
      this.#document.switchToPage(at);
      this.#document.fontSize(8).fillColor(GREY);
      this.#document.text(textOf(at + 1, count), LEFT, BOTTOM + mm(6), { lineBreak: false });
    }
  }

  #row(columns: readonly Column[], cells: readonly string[], colour?: string): void {
    for (const [at, column] of columns.entries()) this.#write(cells[at] ?? "", column, 10, colour);
    this.#y += this.#rowHeight(columns, cells) + mm(1);
    this.#document.moveTo(LEFT, this.#y).lineTo(RIGHT, this.#y).lineWidth(0.3).stroke("#bbb");
    this.#y += mm(1.2);
  }

  #rowHeight(columns: readonly Column[], cells: readonly string[]): number {
    return Math.max(...columns.map(({ width }, at) => this.#heightOf(cells[at] ?? "", width, 10)));
  }

  #heightOf(text: string, width: number, size: number): number {
    return this.#document.fontSize(size).heightOfString(text === "" ? " " : text, { width: mm(width) });
  }

  #write(text: string, { at, width, align }: Column, size: number, colour = "#000"): void {
    const options = { width: mm(width), ...(align && { align }) };
    this.#document
      .fontSize(size)
      .fillColor(colour)
      .text(text, LEFT + mm(at), this.#y, options);
  }

  /** @returns whether that took a new page */
  #room(height: number): boolean {
    if (this.#y + height + mm(4) <= BOTTOM) return false;
    this.#document.addPage({ size: "A4", margin: 0 });
    this.#document.font(FONT);
    this.#y = MARGIN;
    return true;
  }
}
