import { z } from "@hono/zod-openapi";
import { id, name, shortText, stamps } from "../../http/fields.ts";

export const newDriver = z
  .strictObject({
    name,
    phone: shortText.nullable().optional(),
    token: shortText
      .trim()
      .min(1)
      .nullable()
      .optional()
      .describe(
        "what tells who drives, by a vehicle's reader or tracker or by a scan with its scanner: the number of a card or an iButton; one driver has it",
      ),
  })
  .openapi("NewDriver");
export const driverChange = newDriver.partial().openapi("DriverChange");

export const driver = z
  .object({
    id,
    name: z.string(),
    phone: z.string().nullable(),
    token: z
      .string()
      .nullable()
      .optional()
      .describe("the number of the card or the iButton; left out for roles that may not change drivers"),
    ...stamps,
  })
  .openapi("Driver");
export type Driver = z.output<typeof driver>;
