import { z } from "@hono/zod-openapi";
import { id, name, shortText, stamps, timestamp } from "../../http/fields.ts";
import { customInput, customOutput } from "../custom-fields/fields.ts";

export const newVehicle = z
  .strictObject({ name, plate: shortText.nullable().optional(), ...customInput })
  .openapi("NewVehicle");
export const vehicleChange = newVehicle.partial().openapi("VehicleChange");

export const vehicle = z
  .object({
    id,
    name: z.string(),
    plate: z.string().nullable(),
    position: z
      .object({
        ts: timestamp,
        received_at: timestamp,
        lat: z.number(),
        lon: z.number(),
        accuracy: z.number().nullable(),
        speed: z.number().nullable().describe("metres per second"),
        heading: z.number().nullable(),
        device_id: z.string(),
      })
      .nullable(),
    ...customOutput,
    ...stamps,
  })
  .openapi("Vehicle");
export type Vehicle = z.output<typeof vehicle>;
