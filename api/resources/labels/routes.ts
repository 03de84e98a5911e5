import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { found } from "../../http/problem.ts";
import { findItem } from "../items/queries.ts";
import { findLocation, namesAround } from "../locations/queries.ts";
import { type Label, labelOfItem, labelOfLocation } from "./label.ts";
import { layoutOf } from "./layout.ts";
import { LABEL_TYPES, labelFormat, printed, SVG } from "./print.ts";

const labelQuery = z.strictObject(labelFormat);

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
        alternativeResponses: LABEL_TYPES,
      },
      async ({ params: { id }, query, db }) => {
        const label = await find(db, id);
        return printed((dotsPerMm) => layoutOf(label, dotsPerMm), {
          ...query,
          name: `${noun}-${id}`,
          title: label.title,
        });
      },
    );
  }
}

/** @throws Problem 404 */
type FindLabel = (db: Reader, id: number) => Promise<Label>;

async function labelOfLocationBy(db: Reader, id: number): Promise<Label> {
  const location = found(await findLocation(db, id), "location");
  return labelOfLocation(location, await namesAround(db, id));
}
