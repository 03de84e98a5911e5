import { z } from "@hono/zod-openapi";
import { timestamp } from "../../http/fields.ts";

const MIN_LIFETIME_S = 60;
const MAX_LIFETIME_S = 86_400;
const DEFAULT_LIFETIME_S = 3600;

export const newDeviceToken = z.strictObject({
  expires_in: z.number().int().min(MIN_LIFETIME_S).max(MAX_LIFETIME_S).default(DEFAULT_LIFETIME_S).describe("seconds"),
});
export const deviceToken = z
  .object({ id: z.string(), token: z.string(), expires_in: z.number().int(), expires_at: timestamp })
  .openapi("DeviceToken");
