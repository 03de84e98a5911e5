import { LoginThrottle } from "../../auth/login-throttle.ts";
import type { ApiDeps } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import { type ProvisionDevice, provisionRequest, registeredDevice } from "./provision-schema.ts";

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
      const address = clientAddress(c.env?.incoming?.socket?.remoteAddress, c.req.header("X-Forwarded-For"));
      // Wrong keys are counted per address, as on the broker's port.
      const who = { email: `profile key from ${address}`, address, knownPlace: undefined };
      let result: Awaited<ReturnType<ProvisionDevice>> | undefined;
      await throttle.attempt(who, async () => {
        result = await provisionDevice(body);
        return result.ok || result.reason !== "unknown-key";
      });
      if (result?.ok) {
        const { id, secret, state } = result;
        c.header("Cache-Control", "no-store");
        return c.json({ id, secret, state }, 201);
      }
      if (result?.reason === "exists") throw new Problem(409, `there is already a device ${body.id}`);
      if (result?.reason === "quota") throw new Problem(403, "the profile's quota is used up");
      if (result?.reason === "kind") throw new Problem(403, "the profile is for another kind");
      const refused = { actor: body.id, action: "device.provision", subject: body.id, outcome: "refused" } as const;
      await addAuditEntry(pool, { ...refused, detail: { reason: "unknown profile key" } });
      throw new Problem(401, "unknown profile key");
    },
  );
}
