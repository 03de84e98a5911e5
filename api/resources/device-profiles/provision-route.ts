import { z } from "@hono/zod-openapi";
import { DEVICE_ID } from "../../../broker/contract/topics.ts";
import { DECODER_NAMES } from "../../../ingest/decoders/index.ts";
import { LoginThrottle } from "../../auth/login-throttle.ts";
import type { ApiDeps } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { shortText } from "../../http/fields.ts";
import { Problem } from "../../http/problem.ts";
import { DEVICE_KINDS } from "../devices/schema.ts";

const provisionRequest = z.strictObject({
  profile_key: z.string().min(1).max(200).describe("the key of a device profile"),
  id: z.string().regex(DEVICE_ID, "expected a device's id"),
  kind: z.enum(DEVICE_KINDS),
  decoder: z.enum(DECODER_NAMES).optional().describe("where the profile names none"),
  name: shortText.optional(),
});

const registeredDevice = z
  .object({
    id: z.string(),
    secret: z.string().describe("shown only here; the device may connect once a person has approved it"),
    state: z.literal("pending"),
  })
  .openapi("RegisteredDevice");

/** Registers a device within the quota of the profile that a key belongs to. */
export type ProvisionDevice = (
  request: z.output<typeof provisionRequest>,
) => Promise<
  | ({ ok: true } & z.output<typeof registeredDevice>)
  | { ok: false; reason: "unknown-key" | "quota" | "exists" | "kind" }
>;

/** Where a new device registers itself with the key of its profile, as on the broker's WebSocket port. */
export function registerProvision(
  endpoints: Endpoints,
  { pool, settings, clientAddress, createAttemptCounter, provisionDevice }: ApiDeps,
  addAuditEntry: AddAuditEntry,
): void {
  const throttle = new LoginThrottle(settings.loginAttempts, createAttemptCounter);
  endpoints.custom(
    {
      route: "POST /provision",
      access: "public",
      tag: "Devices",
      summary: "Register a new device with the key of its profile; it waits for approval",
      body: provisionRequest,
      response: registeredDevice,
      status: 201,
      problems: {
        401: "no profile has this key",
        403: "the quota of the profile is used up, or it is for another kind of device",
        409: "there is a device with this id",
      },
    },
    async ({ body, c }) => {
      const result = await provisionDevice(body);
      if (result.ok) {
        const { id, secret, state } = result;
        c.header("Cache-Control", "no-store");
        return c.json({ id, secret, state }, 201);
      }
      if (result.reason === "exists") throw new Problem(409, `there is already a device ${body.id}`);
      if (result.reason === "quota") throw new Problem(403, "the profile's quota is used up");
      if (result.reason === "kind") throw new Problem(403, "the profile is for another kind");
      // Wrong keys are counted per address. The right one is taken whatever has failed before: it is not guessed.
      const address = clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header("X-Forwarded-For"));
      await throttle.attempt({ email: "profile key", address, knownPlace: undefined }, () => Promise.resolve(false));
      const refused = { actor: body.id, action: "device.provision", subject: body.id, outcome: "refused" } as const;
      await addAuditEntry(pool, { ...refused, detail: { reason: "unknown profile key" } });
      throw new Problem(401, "unknown profile key");
    },
  );
}
