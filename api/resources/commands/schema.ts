import { z } from "@hono/zod-openapi";
import { commandMessage } from "../../../broker/contract/commands.ts";
import { id, instant, nullableTimestamp, timestamp } from "../../http/fields.ts";

/** waiting: not sent yet; delivered: the device received it; done, failed: as it acknowledged; expired: it did not in time */
const COMMAND_STATES = ["waiting", "delivered", "done", "failed", "expired"] as const;

export const newCommand = z
  .strictObject({
    type: commandMessage.shape.type,
    args: z.record(z.string().max(64), z.unknown()).default({}),
    expires_at: instant.optional().describe("when the command expires; in an hour by default"),
  })
  .openapi("NewCommand");

export const command = z
  .object({
    id,
    device_id: z.string(),
    type: z.string(),
    args: z.record(z.string(), z.unknown()),
    state: z.enum(COMMAND_STATES),
    result: z.object({ ok: z.boolean(), error: z.string().optional() }).nullable(),
    created_by: z.string().nullable(),
    created_at: timestamp,
    expires_at: timestamp,
    delivered_at: nullableTimestamp,
    acknowledged_at: nullableTimestamp,
  })
  .openapi("Command");
export type Command = z.output<typeof command>;
