import { expect } from "vitest";
import { startRelay } from "../../../api/integrations/relay/relay.ts";
import { transaction } from "../../../ingest/decisions/transactions.ts";
import { type AlertChange, commitAlertChanges } from "../../../ingest/stores/queries/alerts/commit.ts";
import { startLoop } from "../../../ingest/workers/loop.ts";
import { maskSecrets } from "../../../infra/runtime/mask-secrets.ts";
import { quiet } from "../../support/ingest.ts";
import { startHttpReceiver, startMailServer } from "../../support/receivers.ts";
import { worldIn } from "../../support/world.ts";
import { test } from "vitest";
import { SEALER, startApi } from "../support.ts";

export type Row = Record<string, unknown>;

/** The alert whose page a mail links to. Two relays send side by side, so the mails of several alerts come in no order. */
export const linkedAlert = ({ text }: { text: string }) =>
  Number(/http:\/\/waystock\.test\/#\/\?tab=alerts&alert=(\d+)/.exec(text)?.[1]);

let serial = 0;

/** What a test of the relay may ask for: an API, a mail server, an HTTP receiver, and two relays that are both at work. */
export const relayTest = test
  .extend("n", () => (serial += 1))
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", { scope: "file" }, async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  // oxlint-disable-next-line eslint/no-empty-pattern -- as above
  .extend("mail", { scope: "file" }, async ({}, { onCleanup }) => {
    const mail = await startMailServer();
    onCleanup(() => mail.close());
    return mail;
  })
  // oxlint-disable-next-line eslint/no-empty-pattern -- as above
  .extend("http", { scope: "file" }, async ({}, { onCleanup }) => {
    const http = await startHttpReceiver();
    onCleanup(() => http.close());
    return http;
  })
  .extend("world", { scope: "file" }, ({ api }) => worldIn(api.db.pool))
  .extend("manager", { scope: "file" }, ({ api }) => api.as("manager"))
  .extend("operator", { scope: "file" }, ({ api }) => api.as("operator"))
  .extend("relays", { scope: "file" }, async ({ api, mail }, { onCleanup }) => {
    const options = { pool: api.db.pool, sealer: SEALER, publicUrl: "http://waystock.test", smtpUrl: mail.url };
    const start = () =>
      startRelay({ ...options, allowedHosts: ["127.0.0.1"], startLoop, maskSecrets, log: quiet, intervalMs: 50 });
    const relays = [start(), start()];
    onCleanup(async () => void (await Promise.all(relays.map((relay) => relay.close()))));
    return {
      /** resolves when each has looked twice: what was due before, and is not on its way, stays where it is */
      async looked() {
        const goals = relays.map((relay) => relay.ticks() + 2);
        for (const [at, relay] of relays.entries())
          await expect.poll(() => relay.ticks()).toBeGreaterThanOrEqual(goals[at]!);
      },
    };
  })
  .extend("site", async ({ api, world, manager, n, relays }) => {
    const location = await world.location(`site ${n}`, "delivery");
    const item = await world.item(`TOLD-${n}`, 250);
    const stock = await world.stock(item, location, "ledger");
    const { pool } = api.db;
    const { rows: rules } = await pool.query<{ id: number; version: number }>(
      "SELECT id, version FROM alert_rules WHERE type = 'low_stock'",
    );
    const address = `site-${n}@waystock.test`;
    let subjects = 0;
    const subject = () => `site:${n}:${(subjects += 1)}`;
    const change = (subject: string, effect: AlertChange["effect"], { notifies = true, at = location } = {}) =>
      transaction(pool, (client) =>
        commitAlertChanges(client, [
          {
            ruleId: rules[0]!.id,
            ruleVersion: rules[0]!.version,
            ...{ subject, effect, condition: null },
            alert: {
              ...{
                type: "low_stock",
                severity: "warning",
                stockId: stock,
                deviceId: null,
                vehicleId: null,
                shipmentId: null,
                tripId: null,
              },
              ...{ locationId: at, detail: { projected: 3, reorder_point: 10 }, late: !notifies, notifies },
              ...{ happenedAt: Date.now(), times: 1 },
            },
          },
        ]),
      );
    return {
      ...{ location, address, change, relays, subject },
      /** opens an alert here, as the engine does. @returns its id */
      open: async (options: { notifies?: boolean; at?: number } = {}) => (await change(subject(), "open", options))[0]!,
      async rule(fields: object) {
        const rule = { name: `rule ${n}`, types: ["low_stock"], channel: "email", target: address };
        const answer = await manager("POST /notification-rules", { ...rule, location_ids: [location], ...fields });
        expect(answer).toMatchObject({ status: 201 });
        return answer.body as { id: number; secret: string | null };
      },
      deliveries: async (path: string) => (await manager(`GET /${path}/deliveries`)).body as unknown as Row[],
      /** the time of what waits has come */
      due: (ruleId: number) =>
        pool.query("UPDATE notification_deliveries SET due_at = now() WHERE rule_id = $1 AND state = 'waiting'", [
          ruleId,
        ]),
    };
  });
