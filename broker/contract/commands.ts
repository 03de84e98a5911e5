import { z } from "zod";

/** `devices/{id}/cmd`: a command to a device. The device acknowledges each `id` once; the same `id` again is the same command. */
export const commandMessage = z.object({
  id: z.number().int(),
  type: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,63}$/)
    .describe("tare, set_interval, inventory_start, inventory_stop, or another command that the device supports"),
  args: z.record(z.string(), z.unknown()),
  expiresAt: z.string().describe("ISO 8601, UTC: the device must not execute the command later"),
});

/** `devices/{id}/cmd/ack`: the device's acknowledgement of a command. */
export const commandAck = z.object({
  id: z.coerce.number().int().positive(),
  ok: z.boolean(),
  error: z.string().max(1000).optional(),
});
export type CommandAck = z.output<typeof commandAck>;
