import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import { HEIGHT_MM, type Layout, WIDTH_MM } from "./layout.ts";

const POINTS_PER_MM = 72 / 25.4;
/** The fonts of every PDF reader have no letters beyond Western Europe's. */
const FONT = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");

/** A label as a PDF of one page of its size, with its font. */
export async function pdfOf({ width, boxes, texts }: Layout, title: string): Promise<Uint8Array> {
  const size: [number, number] = [WIDTH_MM * POINTS_PER_MM, HEIGHT_MM * POINTS_PER_MM];
  const document = new PDFDocument({
    size,
    margin: 0,
    info: { Title: title, Producer: "Waystock", Creator: "Waystock" },
  });
  const chunks: Buffer[] = [];
  const written = new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", resolve);
    document.on("error", reject);
  });
  document.scale(size[0] / width);
  for (const { x, y, width: w, height: h } of boxes) document.rect(x, y, w, h);
  document.fill("#000").font(FONT);
  for (const { x, y, size: fontSize, text } of texts) {
    document.fontSize(fontSize * 0.85).text(text, x, y, { lineBreak: false });
  }
  document.end();
  await written;
  return Buffer.concat(chunks);
}
