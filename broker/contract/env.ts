import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

const MEASURED = ["celsius", "humidity", "shock", "lux", "battery"] as const;

/** `devices/{id}/env`: the measurements of an environment sensor, at least one value. */
export const envReading = z
  .object({
    ts: measurementTime,
    seq: sequence.optional(),
    celsius: z.number().min(-273.15).optional().describe("degrees Celsius"),
    humidity: z.number().min(0).max(1).optional().describe("relative, 0 to 1"),
    shock: z.number().min(0).optional().describe("g (9.80665 m/s²)"),
    lux: z.number().min(0).optional().describe("lux"),
    battery: z.number().min(0).max(1).optional().describe("charge, 0 to 1"),
  })
  .refine((reading) => MEASURED.some((name) => reading[name] !== undefined), {
    message: `expected at least one of ${MEASURED.join(", ")}`,
  });
