import { z } from "@hono/zod-openapi";
import type { Pool, PoolClient } from "pg";
import { canManage, MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Sealer } from "../../auth/sealing.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { idParams } from "../../http/fields.ts";
import { idAfter, pageById, pageParameters } from "../../http/paging.ts";
import { lockRowIfMatch } from "../../http/preconditions.ts";
import { invalid } from "../../http/problem.ts";
import { assertReferences } from "../../http/references.ts";
import { created, list, noContent, ok, okLive } from "../../http/response.ts";
import { deleteRow, insertRow, integerArray, updateRow } from "../../http/rows.ts";
import type { ChannelName } from "../../integrations/channels/channel.ts";
import { addSigningSecret, SECRETS_OF_RULES } from "../../integrations/channels/signing-secrets.ts";
import { targetProblem } from "../../integrations/channels/targets.ts";
import {
  addTest,
  cancelWaiting,
  getDelivery,
  getNotificationRule,
  isActiveUser,
  listDeliveriesOfRule,
  listNotificationRules,
  redirectWaiting,
  withoutSecrets,
} from "./queries.ts";
import {
  delivery,
  newNotificationRule,
  notificationRule,
  notificationRuleChange,
  notificationRuleMade,
} from "./schema.ts";
import { registerSecretsOfRules } from "./secret-routes.ts";

const tag = "Alerts";
const COLUMNS = [
  ...["name", "enabled", "types", "severities", "location_ids", "hours", "channel", "target"],
  ...["digest_minutes", "escalate_after_minutes", "escalate_to"],
];

interface Addressed {
  channel: ChannelName;
  target: string;
  escalate_after_minutes?: number | null | undefined;
  escalate_to?: string | null | undefined;
}

/** Whether something can be sent to where a rule leads. @throws Problem 400 */
async function checkTargets(client: PoolClient, rule: Addressed, allowedHosts: readonly string[]): Promise<void> {
  const { channel, target, escalate_after_minutes: after, escalate_to: other } = rule;
  const problemOf = async (address: string): Promise<string | undefined> =>
    targetProblem(channel, address, allowedHosts) ??
    (channel === "push" && address.includes("@") && !(await isActiveUser(client, address))
      ? "no active user has this e-mail address"
      : undefined);
  const problem = await problemOf(target);
  if (problem !== undefined) throw invalid("/target", problem);
  if (other === null || other === undefined) return;
  if (after === null || after === undefined)
    throw invalid("/escalate_after_minutes", "say after how many minutes without an acknowledgement");
  const otherProblem = await problemOf(other);
  if (otherProblem !== undefined) throw invalid("/escalate_to", otherProblem);
}

async function checkLocations(client: PoolClient, ids: readonly number[] | null | undefined): Promise<void> {
  const references = (ids ?? []).map((id, at) => ({ pointer: `/location_ids/${at}`, id }));
  await assertReferences(client, "locations", references);
}

/** Of `integer[]` columns the driver would make JSON. */
const rowOf = <Body extends { location_ids?: readonly number[] | null | undefined }>(body: Body) => ({
  ...body,
  location_ids: integerArray(body.location_ids),
});

interface NotificationDeps {
  pool: Pool;
  sealer: Sealer;
  /** hosts with private addresses that messages may go to */
  allowedHosts: readonly string[];
}

/** Who is told of which alerts, where, when and how. The messages are sent by the relay (api/integrations/relay/relay.ts). */
export function registerNotificationRules(
  endpoints: Endpoints,
  { pool, sealer, allowedHosts }: NotificationDeps,
): void {
  const audited = {
    table: "notification_rules",
    read: async (client: PoolClient, { id }: { id: number }) => withoutSecrets(await getNotificationRule(client, id)),
  };
  endpoints.read(
    {
      route: "GET /notification-rules",
      access: SIGNED_IN,
      tag,
      summary: "List notification rules",
      query: z.strictObject(pageParameters),
      response: z.array(notificationRule),
    },
    async ({ query: { cursor, limit }, principal, c }) => {
      const rows = await listNotificationRules(pool, idAfter(cursor), limit + 1);
      return list(pageById(canManage(principal.role) ? rows : rows.map(withoutSecrets), limit), c.req.url);
    },
  );
  endpoints.mutate(
    {
      route: "POST /notification-rules",
      access: MANAGEMENT,
      tag,
      summary: "Add a notification rule; of a webhook the secret that signs is shown once",
      body: newNotificationRule,
      response: notificationRuleMade,
      status: 201,
      showsSecret: true,
    },
    async ({ body, c }, client) => {
      await checkTargets(client, body, allowedHosts);
      await checkLocations(client, body.location_ids);
      const id = await insertRow(client, "notification_rules", rowOf(body), COLUMNS);
      const secret =
        body.channel === "webhook" ? (await addSigningSecret(client, sealer, SECRETS_OF_RULES, id)).secret : null;
      const rule = await getNotificationRule(client, id);
      const response = created({ ...rule, secret } as typeof rule, c.req.url);
      return { ...response, made: withoutSecrets(rule), ...(secret === null && { holdsNoSecret: true as const }) };
    },
  );
  endpoints.read(
    {
      route: "GET /notification-rules/{id}",
      access: SIGNED_IN,
      tag,
      summary: "Get one notification rule",
      params: idParams,
      response: notificationRule,
    },
    async ({ params, principal }) => {
      const rule = await getNotificationRule(pool, params.id);
      return okLive(canManage(principal.role) ? rule : withoutSecrets(rule));
    },
  );
  endpoints.mutate(
    {
      route: "PUT /notification-rules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Change a notification rule; what waits goes to the new address, or nowhere if the rule is turned off",
      params: idParams,
      audited,
      body: notificationRuleChange,
      response: notificationRule,
    },
    async ({ params: { id }, body, c }, client) => {
      await lockRowIfMatch(c, client, "notification_rules", id, "notification rule");
      const before = await getNotificationRule(client, id);
      if (body.channel !== undefined && (body.channel === "webhook") !== (before.channel === "webhook"))
        throw invalid(
          "/channel",
          "a rule cannot be changed to or from a webhook, whose secret is shown only when the rule is added: add another rule",
        );
      await checkTargets(client, { ...before, ...definedOf(body) } as Addressed, allowedHosts);
      await checkLocations(client, body.location_ids);
      await updateRow(client, "notification_rules", id, rowOf(body), COLUMNS);
      const after = await getNotificationRule(client, id);
      if (body.enabled === false) await cancelWaiting(client, id, "the rule was turned off");
      else await redirectWaiting(client, id, before, after);
      return ok(await getNotificationRule(client, id));
    },
  );
  endpoints.mutate(
    {
      route: "DELETE /notification-rules/{id}",
      access: MANAGEMENT,
      tag,
      summary: "Remove a notification rule; what waits is not sent, and what was sent stays in the log of its alerts",
      params: idParams,
      audited,
      status: 204,
    },
    async ({ params: { id }, c }, client) => {
      await lockRowIfMatch(c, client, "notification_rules", id, "notification rule");
      await cancelWaiting(client, id, "the rule was removed");
      await deleteRow(client, "notification_rules", id);
      return noContent;
    },
  );
  registerDeliveries(endpoints, pool);
  registerSecretsOfRules(endpoints, pool, sealer);
}

function registerDeliveries(endpoints: Endpoints, pool: Pool): void {
  endpoints.mutate(
    {
      route: "POST /notification-rules/{id}/test",
      access: MANAGEMENT,
      tag,
      summary: "Send a test to the address of a rule, at any hour. What the other side says is shown in its deliveries",
      params: idParams,
      response: delivery,
      status: 202,
    },
    async ({ params: { id } }, client) => {
      await getNotificationRule(client, id);
      return { status: 202, body: await getDelivery(client, await addTest(client, id)) };
    },
  );
  endpoints.read(
    {
      route: "GET /notification-rules/{id}/deliveries",
      access: MANAGEMENT,
      tag,
      summary: "List what was sent by a rule, and what the other side said, the newest first",
      params: idParams,
      query: z.strictObject(pageParameters),
      response: z.array(delivery),
    },
    async ({ params, query: { cursor, limit }, c }) => {
      await getNotificationRule(pool, params.id);
      return list(pageById(await listDeliveriesOfRule(pool, params.id, idAfter(cursor), limit + 1), limit), c.req.url);
    },
  );
}

/** The fields of a change that are given. */
const definedOf = <Body extends object>(body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Body;
