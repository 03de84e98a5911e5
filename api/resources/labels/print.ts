import { z } from "@hono/zod-openapi";
import type { ApiResponse } from "../../http/response.ts";
import type { Layout } from "./layout.ts";
import { pdfOf } from "./pdf.ts";
import { svgOf } from "./svg.ts";
import { zplOf } from "./zpl.ts";

export const SVG = "image/svg+xml";
const PDF = "application/pdf";
const ZPL = "application/zpl";
/** What a label may be beside SVG. */
export const LABEL_TYPES: readonly string[] = [ZPL, PDF];
const DOTS_PER_MM: Readonly<Record<number, number>> = { 203: 8, 300: 12 };

/** What is asked of a label. */
export const labelFormat = {
  format: z.enum(["svg", "zpl", "pdf"]).default("svg"),
  dpi: z.enum(["203", "300"]).default("203").transform(Number).describe("of the printer that takes the ZPL"),
};

interface Print {
  /** of the file */
  name: string;
  title: string;
  format: "svg" | "zpl" | "pdf";
  dpi: number;
}

/** A label in the format that was asked for. */
export async function printed(
  layoutFor: (dotsPerMm: number) => Layout,
  { name, title, format, dpi }: Print,
): Promise<ApiResponse> {
  const layout = layoutFor(DOTS_PER_MM[dpi]!);
  const headers = (type: string) => ({
    "Content-Type": type,
    "Content-Disposition": `inline; filename="${name}.${format}"`,
  });
  switch (format) {
    case "svg":
      return { status: 200, text: svgOf(layout), headers: headers(SVG) };
    case "zpl":
      return { status: 200, text: zplOf(layout), headers: headers(ZPL) };
    case "pdf":
      return { status: 200, bytes: await pdfOf(layout, title), headers: headers(PDF) };
  }
}
