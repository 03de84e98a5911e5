import { z } from "@hono/zod-openapi";

const part = z.object({ ok: z.boolean(), detail: z.union([z.string(), z.number()]).optional() });
export const readiness = z.object({ ready: z.boolean(), parts: z.record(z.string(), part) }).openapi("Readiness");
