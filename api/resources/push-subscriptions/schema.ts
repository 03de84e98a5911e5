import { z } from "@hono/zod-openapi";
import { id, idParams, timestamp } from "../../http/fields.ts";

/** Bytes in base64url, as browsers give them; padding may be there. */
const bytes = (length: number, what: string) =>
  z
    .string()
    .max(200)
    .regex(/^[\w-]+={0,2}$/, "expected base64url")
    .refine((text) => Buffer.from(text, "base64url").length === length, { message: `expected ${length} bytes` })
    .describe(what);

export const pushKey = z
  .object({ public_key: z.string().describe("`applicationServerKey` of a subscription: P-256, base64url") })
  .openapi("PushKey");

/** As `PushSubscription.toJSON()` of a browser gives it. */
export const newPushSubscription = z
  .strictObject({
    endpoint: z
      .string()
      .max(2_000)
      .regex(/^[\x21-\x7e]+$/, "expected a URL")
      .describe("URL of the browser's push service"),
    keys: z.strictObject({
      p256dh: bytes(65, "the browser's public key: P-256, uncompressed, base64url").refine(
        (text) => Buffer.from(text, "base64url")[0] === 4,
        { message: "expected an uncompressed point" },
      ),
      auth: bytes(16, "the browser's secret, base64url"),
    }),
    expirationTime: z.number().nullable().optional().describe("browsers send it; when it is over they are gone"),
  })
  .openapi("NewPushSubscription");

export const subscriptionParams = z.strictObject({
  subscription_id: idParams.shape.id.openapi({ type: "integer", param: { name: "subscription_id", in: "path" } }),
});

export const pushSubscription = z
  .object({
    id,
    service: z.string().describe("host of the browser's push service"),
    endpoint_sha256: z.string().describe("of the endpoint, hexadecimal: by it a browser knows its own"),
    user_agent: z.string().nullable(),
    created_at: timestamp,
  })
  .openapi("PushSubscription");
export type PushSubscription = z.output<typeof pushSubscription>;
