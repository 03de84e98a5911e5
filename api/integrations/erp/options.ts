import { z } from "@hono/zod-openapi";
import { id } from "../../http/fields.ts";

const externalId = z.string().trim().min(1).max(255);
const path = z
  .string()
  .trim()
  .max(500)
  .refine((text) => !text.includes("..") && !/^[a-z][a-z0-9+.-]*:|^\/\//i.test(text), {
    message: "a path below the address of the connection is needed",
  });
/** What the columns of a file are called, by our names. */
const columns = z.record(z.string().max(64), z.string().max(255));

/** One sheet of the generic adapter. */
export const SHEETS = ["item", "location", "customer", "supplier", "sale", "purchase", "level"] as const;
export type Sheet = (typeof SHEETS)[number];

export const erpOptions = z
  .strictObject({
    company: externalId.optional().describe("of several companies in one ERP"),
    warehouses: z
      .array(z.strictObject({ external_id: externalId, location_id: id }))
      .max(500)
      .default([])
      .refine((all) => new Set(all.map(({ external_id }) => external_id)).size === all.length, {
        message: "each warehouse is one location: it stands here twice",
      })
      .refine((all) => new Set(all.map(({ location_id }) => location_id)).size === all.length, {
        message: "each location is one warehouse: it stands here twice",
      })
      .describe("which location, with all below it, is which warehouse there"),
    customers: z
      .array(z.strictObject({ external_id: externalId, location_id: id }))
      .max(5_000)
      .default([])
      .describe("where goods for a customer there go to"),
    units: z.record(z.string().max(64), z.string().max(64)).default({}).describe("names of units there, and here"),
    sync: z
      .strictObject({
        items: z.enum(["in", "both", "off"]).default("in"),
        partners: z.enum(["in", "off"]).default("in"),
        sales: z
          .enum(["in", "both", "off"])
          .default("in")
          .describe("both: customer orders that are placed here are made there, too, where the place has a warehouse"),
        purchases: z.enum(["in", "both", "off"]).default("in").describe("both: so are restock orders"),
        stock: z.enum(["out", "off"]).default("out").describe("movements and counts, and the comparison of levels"),
      })
      .prefault({}),
    ship: z
      .enum(["by_hand", "automatic"])
      .default("by_hand")
      .describe("automatic: an order that is reserved completely is picked, packed and shipped without a person"),
    interval_s: z.number().int().min(5).max(86_400).default(60).describe("how often the ERP is asked for changes"),
    files: z.partialRecord(z.enum(SHEETS), path).default({}).describe("generic: where each table is read"),
    columns: z.partialRecord(z.enum(SHEETS), columns).default({}).describe("generic: names of the columns there"),
    outbox: path.default("outbox/").describe("generic: where documents are put"),
  })
  .openapi("ErpOptions");
export type ErpOptions = z.output<typeof erpOptions>;
