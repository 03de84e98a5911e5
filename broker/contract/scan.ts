import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

/** The action of the person who scanned the item. */
export const scanAction = z.enum(["receive", "load", "unload", "pick", "count", "deliver"]);

/** `devices/{id}/scan`: a hand scan. `code` may be a GS1 element string, Digital Link, SSCC, GTIN, SKU or tracking number. */
export const scanReading = z.object({
  ts: measurementTime,
  seq: sequence.optional(),
  code: z.string().min(1).max(512),
  symbology: z.string().max(64).optional(),
  action: scanAction.optional(),
  quantity: z.number().int().min(0).max(1_000_000_000).optional().describe("pieces"),
  location_id: z.number().int().positive().max(2_147_483_647).optional(),
});
