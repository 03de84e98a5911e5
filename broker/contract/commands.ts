import { z } from "zod";

/** `devices/{id}/cmd`: what a device is asked to do. It answers each `id` once; a repeat is the same command. */
export const commandMessage = z.object({
  id: z.number().int(),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/)
    .describe("tare, set_interval, inventory_start, inventory_stop, or what else the device understands"),
  args: z.record(z.string(), z.unknown()),
  expiresAt: z.string().describe("ISO 8601, UTC: not to be carried out later"),
});

/** `devices/{id}/cmd/ack`: how it went. */
export const commandAck = z.object({
  id: z.coerce.number().int().positive(),
  ok: z.boolean(),
  error: z.string().max(1000).optional(),
});
export type CommandAck = z.output<typeof commandAck>;
