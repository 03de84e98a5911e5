import { z } from "@hono/zod-openapi";
import { principalName } from "../../auth/principal.ts";
import { HANDLING, SIGNED_IN } from "../../auth/roles.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams, queryId } from "../../http/fields.ts";
import { found } from "../../http/problem.ts";
import { LABEL_TYPES, labelFormat, printed, SVG } from "../labels/print.ts";
import { labelUrl } from "../tracking/address.ts";
import { labelToken } from "../tracking/links.ts";
import { languageFor } from "../tracking/texts.ts";
import { deliveryNote } from "./delivery-note.ts";
import { type PaperShipment, type PaperUnit, readPaper, readUnits, weightOf } from "./queries.ts";
import { layoutOfShipping } from "./shipping-label.ts";

const tag = "Shipments";
const PDF = "application/pdf";

const labelQuery = z.strictObject({
  ...labelFormat,
  unit_id: queryId.optional().describe("the label of this handling unit; without it that of the whole shipment"),
});

/** The papers of a shipment: labels to stick on it, and the note that goes with it. */
export function registerPapers(
  endpoints: Endpoints,
  { pool, settings, sealer }: Pick<ApiDeps, "pool" | "settings" | "sealer">,
): void {
  endpoints.read(
    {
      route: "GET /shipments/{id}/label",
      access: SIGNED_IN,
      tag,
      summary:
        "Get its label to print: SVG, ZPL for label printers, or PDF. Its QR code opens the tracking page when somebody prints it who handles shipments",
      params: idParams,
      query: labelQuery,
      response: z.string(),
      responseType: SVG,
      alternativeResponses: LABEL_TYPES,
    },
    async ({ params: { id }, query, principal, db }) => {
      const shipment = await readPaper(db, id);
      const units = await readUnits(db, id);
      const at = units.findIndex((unit) => unit.id === query.unit_id);
      const unit = query.unit_id === undefined ? undefined : found(units[at], "handling unit");
      // The link in it is for those who may make links.
      const mayLink = HANDLING.includes(principal.role);
      const createdBy = principalName(principal);
      const token = mayLink ? await labelToken(pool, sealer, { shipmentId: id, createdBy }) : undefined;
      const number = unit?.sscc ?? shipment.trackingNumber;
      const label = {
        from: [shipment.owner, shipment.origin].filter(Boolean).join(", ") || null,
        to: [shipment.customer, shipment.customerAddress, shipment.destination].filter((line) => line !== null),
        notes: notesOf(shipment, unit && { unit, at: at + 1, of: units.length }),
        number,
        qr: labelUrl(settings.publicUrl, number, token),
      };
      const title = `Label ${number}`;
      return printed((dotsPerMm) => layoutOfShipping(label, dotsPerMm), { ...query, name: `label-${number}`, title });
    },
  );
  endpoints.read(
    {
      route: "GET /shipments/{id}/delivery-note",
      access: SIGNED_IN,
      tag,
      summary: "Get its delivery note as PDF, in the language of the party that it goes to",
      params: idParams,
      query: z.strictObject({ format: z.literal("pdf").optional() }),
      response: z.string().openapi({ format: "binary" }),
      responseType: PDF,
    },
    async ({ params: { id }, db }) => {
      const shipment = await readPaper(db, id);
      const units = await readUnits(db, id);
      const language = languageFor(shipment.language);
      return {
        status: 200,
        bytes: await deliveryNote(shipment, units, { language, now: new Date() }),
        headers: {
          "Content-Type": PDF,
          "Content-Disposition": `inline; filename="delivery-note-${shipment.trackingNumber}.pdf"`,
        },
      };
    },
  );
}

interface OneOf {
  unit: PaperUnit;
  at: number;
  of: number;
}

function notesOf(shipment: PaperShipment, one: OneOf | undefined): string[] {
  const { lines, reference, trackingNumber, dueAt } = shipment;
  const names = new Map(lines.map(({ itemId, name }) => [itemId, name]));
  const goods = one
    ? one.unit.contents.map(({ item_id, quantity }) => `${quantity} × ${names.get(item_id) ?? `item ${item_id}`}`)
    : lines.map(({ name, quantity }) => `${quantity} × ${name}`);
  const grams = weightOf(shipment);
  return [
    ...(one ? [`Unit ${one.at} of ${one.of}`, `Shipment ${trackingNumber}`] : []),
    ...(reference === null ? [] : [`Ref. ${reference}`]),
    ...(dueAt === null ? [] : [`Due ${dueAt.toISOString().slice(0, 10)}`]),
    ...(goods.length > 1 ? [goods[0]!, `and ${goods.length - 1} more`] : goods),
    ...(one || grams === undefined ? [] : [`Net ${grams / 1000} kg`]),
  ];
}
