import { z } from "@hono/zod-openapi";

const part = z.object({
  ok: z.boolean().nullable().openapi({ description: "null: this process cannot know" }),
  detail: z.union([z.string(), z.number()]).optional(),
});
export const readiness = z
  .object({
    ready: z.boolean().openapi({ description: "devices can publish and people can sign in, as far as is known" }),
    degraded: z.array(z.string()).openapi({ description: "parts that are not ok, without which both still work" }),
    unknown: z.array(z.string()).openapi({ description: "parts of which this process cannot know" }),
    parts: z.record(z.string(), part),
  })
  .openapi("Readiness");
export const liveness = z.object({ ok: z.literal(true) }).openapi("Liveness");
export const versions = z.object({ name: z.string(), version: z.string(), node: z.string() }).openapi("Versions");
/** RFC 7517, section 5 */
export const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) }).openapi("KeySet");
