import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

const MEASURED = ["ignition", "odometer", "fuel", "engine_hours", "voltage", "driver", "harsh"] as const;

/** `devices/{id}/vehicle`: what a device knows of the vehicle that it is mounted on, at least one value. */
export const vehicleReading = z
  .object({
    ts: measurementTime,
    seq: sequence.optional(),
    ignition: z.boolean().optional().describe("whether the engine is switched on"),
    odometer: z.number().min(0).max(1e10).optional().describe("driven in all, metres"),
    fuel: z.number().min(0).max(1).optional().describe("level of the tank, 0 to 1"),
    engine_hours: z.number().min(0).max(1e6).optional().describe("hours that the engine has run in all"),
    voltage: z.number().min(0).max(1_000).optional().describe("of the vehicle's battery, volts"),
    driver: z.string().min(1).max(128).optional().describe("token of the driver who has signed on: a card, an iButton"),
    harsh: z
      .enum(["braking", "acceleration", "cornering"])
      .optional()
      .describe("a harsh manoeuvre that the device has measured at this time"),
    harsh_g: z.number().min(0).max(20).optional().describe("how strong it was, g"),
  })
  .refine((reading) => MEASURED.some((name) => reading[name] !== undefined), {
    message: `expected at least one of ${MEASURED.join(", ")}`,
  });
