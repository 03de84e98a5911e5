import { z } from "@hono/zod-openapi";
import { id } from "../../http/fields.ts";

/** Kinds of things, in the order in which equally good hits are listed. */
export const HIT_KINDS = [
  "shipment",
  "handling_unit",
  "serial",
  "lot",
  "item",
  "location",
  "vehicle",
  "trip",
  "order",
  "party",
  "device",
  "user",
  "api_client",
  "service_account",
] as const;
export type HitKind = (typeof HIT_KINDS)[number];

/** How well a hit matches, best first. */
export const MATCHES = ["exact", "beginning", "word", "part"] as const;

export const hit = z
  .object({
    kind: z.enum(HIT_KINDS),
    id: z.union([id, z.string()]).describe("text for devices and service accounts"),
    title: z.string().describe("its name"),
    detail: z.string().nullable().describe("its code, or what else tells it apart"),
    match: z
      .enum(MATCHES)
      .describe("exact: a whole code or name; beginning: of one; word: one within begins so; part: within a word"),
    shipment_id: id.optional().describe("of a handling unit"),
    path: z.string().describe("of the resource in this API"),
  })
  .openapi("SearchHit");
export type Hit = z.output<typeof hit>;
