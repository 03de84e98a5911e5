import { z } from "zod";
import { measurementTime, sequence } from "./measurement-time.ts";

/** `devices/{id}/status`: presence as the device reports it. Also the payload of its will, which cannot carry a time. */
export const statusReport = z.object({
  state: z.enum(["online", "offline"]),
  session: z
    .union([z.string().max(64), z.number()])
    .optional()
    .describe("identifies one MQTT connection of the device"),
  ts: measurementTime.optional(),
  seq: sequence.optional(),
});
