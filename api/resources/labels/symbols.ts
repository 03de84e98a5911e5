import bwip from "bwip-js";
import { encode } from "uqr";
import { z } from "@hono/zod-openapi";
import type { Label } from "./label.ts";

/** What bwip-js tells of a symbol of bars. */
const linear = z.array(z.object({ sbs: z.array(z.number().int().positive()) })).length(1);

/** A linear symbol: how many modules wide each bar and each space is, in turns, beginning with a bar. */
export type Bars = readonly number[];

/** @returns undefined when the text has characters that bars cannot say */
export function barsOf({ symbology, text }: Label["bars"]): Bars | undefined {
  // Code 128 says ASCII (ISO/IEC 15417 §4.1); what scanners make of its extensions differs.
  if (!/^[\x20-\x7E]+$/.test(text)) return undefined;
  return linear.parse(bwip.raw({ bcid: symbology, text }))[0]!.sbs;
}

/** A QR code row by row, true is dark; it can be read when 15 % of it are damaged. Without a quiet zone. */
export const qrOf = (text: string): readonly (readonly boolean[])[] => encode(text, { ecc: "M", border: 0 }).data;
