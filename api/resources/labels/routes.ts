import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { found } from "../../http/problem.ts";
import type { ApiResponse } from "../../http/response.ts";
import { findItem } from "../items/queries.ts";
import { findLocation, namesAround } from "../locations/queries.ts";
import { type Label, labelOfItem, labelOfLocation } from "./label.ts";
import { layoutOf } from "./layout.ts";
import { pdfOf } from "./pdf.ts";
import { svgOf } from "./svg.ts";
import { zplOf } from "./zpl.ts";

const SVG = "image/svg+xml";
const PDF = "application/pdf";
const ZPL = "application/zpl";
const DOTS_PER_MM = { 203: 8, 300: 12 } as const;

const labelQuery = z.strictObject({
  format: z.enum(["svg", "zpl", "pdf"]).default("svg"),
  dpi: z.enum(["203", "300"]).default("203").transform(Number).describe("of the printer that takes the ZPL"),
});

/** Registers the labels that are stuck on places and products: 100 by 50 mm, with bars and a QR code. */
export function registerLabels(endpoints: Endpoints): void {
  const labels: readonly [kind: "locations" | "items", noun: string, tag: string, find: FindLabel][] = [
    ["locations", "location", "Locations", labelOfLocationBy],
    ["items", "item", "Items", async (db, id) => labelOfItem(found(await findItem(db, id), "item"))],
  ];
  for (const [kind, noun, tag, find] of labels) {
    endpoints.read(
      {
        route: `GET /${kind}/{id}/label`,
        access: SIGNED_IN,
        tag,
        summary: `Get the label of a ${noun} to print: SVG, ZPL for label printers, or PDF`,
        params: idParams,
        query: labelQuery,
        response: z.string(),
        responseType: SVG,
        alternativeResponses: [ZPL, PDF],
      },
      async ({ params: { id }, query: { format, dpi }, db }) =>
        printed(await find(db, id), { name: `${noun}-${id}`, format, dpi: dpi as 203 | 300 }),
    );
  }
}

/** @throws Problem 404 */
type FindLabel = (db: Reader, id: number) => Promise<Label>;

async function labelOfLocationBy(db: Reader, id: number): Promise<Label> {
  const location = found(await findLocation(db, id), "location");
  return labelOfLocation(location, await namesAround(db, id));
}

interface Print {
  /** of the file */
  name: string;
  format: "svg" | "zpl" | "pdf";
  dpi: keyof typeof DOTS_PER_MM;
}

async function printed(label: Label, { name, format, dpi }: Print): Promise<ApiResponse> {
  const layout = layoutOf(label, DOTS_PER_MM[dpi]);
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
      return { status: 200, bytes: await pdfOf(layout, label.title), headers: headers(PDF) };
  }
}
