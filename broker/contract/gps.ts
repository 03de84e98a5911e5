import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

/** `devices/{id}/gps`: one position fix, WGS 84 degrees, SI units. An absent field means unknown, never zero. */
export const gpsReading = z.object({
  ts: measurementTime,
  seq: sequence.optional(),
  lat: z.number().min(-90).max(90).describe("degrees north, WGS 84"),
  lon: z.number().min(-180).max(180).describe("degrees east, WGS 84"),
  accuracy: z.number().min(0).optional().describe("horizontal accuracy, metres"),
  speed: z.number().min(0).optional().describe("metres per second"),
  heading: z.number().min(0).max(360).optional().describe("degrees clockwise from north"),
  altitude: z.number().optional().describe("metres"),
  satellites: z.number().int().min(0).optional().describe("in use; 0: no fix"),
  battery: z.number().min(0).max(1).optional().describe("charge, 0 to 1"),
});
