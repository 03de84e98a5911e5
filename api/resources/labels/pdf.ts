import { createRequire } from "node:module";
import PDFDocument from "pdfkit";
import type { Layout } from "./layout.ts";

export const POINTS_PER_MM = 72 / 25.4;
/** Embedded, because the standard PDF fonts lack non-Western letters. */
export const FONT = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");

/** A label as a PDF of one page of its size, with its font. */
export async function pdfOf({ widthMm, heightMm, width, boxes, texts }: Layout, title: string): Promise<Uint8Array> {
  const size: [number, number] = [widthMm * POINTS_PER_MM, heightMm * POINTS_PER_MM];
  const document = new PDFDocument({
    size,
    margin: 0,
    info: { Title: title, Producer: "Waystock", Creator: "Waystock" },
  });
  const written = bytesOf(document);
  document.scale(size[0] / width);
  for (const { x, y, width: w, height: h } of boxes) document.rect(x, y, w, h);
  document.fill("#000").font(FONT);
  for (const { x, y, size: fontSize, text } of texts) {
    document.fontSize(fontSize * 0.85).text(text, x, y, { lineBreak: false });
  }
  document.end();
  return written;
}

/** The bytes of a document, once it ends. */
export async function bytesOf(document: PDFKit.PDFDocument): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", resolve);
    document.on("error", reject);
  });
  return Buffer.concat(chunks);
}
