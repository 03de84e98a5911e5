import type { PoolClient } from "pg";
import { isLimited, type Reader } from "../../auth/limits.ts";
import { type Principal, principalName } from "../../auth/principal.ts";
import { HANDLING } from "../../auth/roles.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import { integerArray } from "../../http/rows.ts";
import type { Versioned } from "../../http/response.ts";
import type { Alert, AlertEvent, Assignee } from "./schema.ts";
import type { AlertRow } from "./alert-row.ts";
import { describeAlert } from "./describe-alert.ts";

const ALERT = `SELECT a.id, a.rule_id, a.type, a.severity, a.state, a.subject, a.inventory_item_id, a.device_id, a.vehicle_id, a.shipment_id,
    a.trip_id, a.location_id, a.detail, a.late, a.notifies, a.times, a.happened_at, a.opened_at, a.acknowledged_at, a.acknowledged_by, a.snoozed_until,
    a.assigned_to, coalesce(u.name, u.email) AS assignee, a.resolved_at, a.resolved_by, a.resolution, a.updated_at, a.version,
    t.name AS item_name, l.name AS location_name, v.name AS vehicle_name, d.name AS device_name,
    s.tracking_number, s.product_name
  FROM alerts a
  LEFT JOIN inventory_items i ON i.id = a.inventory_item_id LEFT JOIN items t ON t.id = i.item_id
  LEFT JOIN locations l ON l.id = a.location_id LEFT JOIN trips tr ON tr.id = a.trip_id
  LEFT JOIN vehicles v ON v.id = coalesce(a.vehicle_id, tr.vehicle_id)
  LEFT JOIN shipments s ON s.id = a.shipment_id
  LEFT JOIN devices d ON d.id = a.device_id LEFT JOIN users u ON u.id = a.assigned_to`;

export interface AlertFilter {
  before: number | undefined;
  state: string | undefined;
  active: boolean | undefined;
  type: string | undefined;
  severity: string | undefined;
  subject: string | undefined;
  locationId: number | undefined;
  ruleId: number | undefined;
  assignedTo: number | undefined;
  limit: number;
}

export async function listAlerts(db: Reader, filter: AlertFilter): Promise<Versioned<Alert>[]> {
  const conditions = new Conditions()
    .where("a.id < ?", filter.before)
    .where("a.state = ?", filter.state)
    .is("a.state <> 'resolved'", filter.active)
    .where("a.type = ?", filter.type)
    .where("a.severity = ?", filter.severity)
    .where("a.subject = ?", filter.subject)
    .where("a.location_id = ?", filter.locationId)
    .where("a.rule_id = ?", filter.ruleId)
    .where("a.assigned_to = ?", filter.assignedTo);
  const { rows } = await db.query<AlertRow>(
    `${ALERT} ${conditions.sql} ORDER BY a.id DESC LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows.map(describeAlert);
}

export async function findAlerts(db: Reader, ids: readonly number[]): Promise<Versioned<Alert>[]> {
  const { rows } = await db.query<AlertRow>(`${ALERT} WHERE a.id = ANY($1::int[]) ORDER BY a.id`, [ids]);
  return rows.map(describeAlert);
}

export async function alertsChangedSince(
  db: Reader,
  since: Date,
  after: number | undefined,
  limit: number,
): Promise<Versioned<Alert>[]> {
  const { rows } = await db.query<AlertRow>(`${ALERT} WHERE a.updated_at >= $1 AND a.id > $2 ORDER BY a.id LIMIT $3`, [
    since,
    after ?? 0,
    limit,
  ]);
  return rows.map(describeAlert);
}

/** @throws Problem 404 when there is no such alert */
export async function getAlert(db: Reader, id: number): Promise<Versioned<Alert>> {
  return found((await findAlerts(db, [id]))[0], "alert");
}

export async function listAlertEvents(
  db: Reader,
  alertId: number,
  after: number | undefined,
  limit: number,
): Promise<AlertEvent[]> {
  const { rows } = await db.query<AlertEvent>(
    `SELECT e.id, e.at, e.action, e.actor, coalesce(u.name, u.email, c.name) AS actor_name, e.note FROM alert_events e
      LEFT JOIN users u ON e.actor = 'user:' || u.id LEFT JOIN api_clients c ON e.actor = 'client:' || c.id
    WHERE e.alert_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3`,
    [alertId, after ?? 0, limit],
  );
  return rows;
}

/** People who handle goods and see at least what this principal does not hide from itself: under limits, those with the same. */
export async function listAssignees(
  db: Reader,
  { limits }: Pick<Principal, "limits">,
  { after, limit, id }: { after?: number | undefined; limit: number; id?: number },
): Promise<Assignee[]> {
  const { rows } = await db.query<Assignee>(
    `SELECT id, coalesce(name, email) AS name FROM users
    WHERE active AND role = ANY ($1::text[]) AND id > $2 AND ($3::int IS NULL OR id = $3)
      AND (NOT $4::boolean OR (location_ids IS NOT DISTINCT FROM $5::int[] AND owner_ids IS NOT DISTINCT FROM $6::int[]))
    ORDER BY id LIMIT $7`,
    [
      [...HANDLING],
      after ?? 0,
      id ?? null,
      isLimited(limits),
      integerArray(limits.locationIds) ?? null,
      integerArray(limits.ownerIds) ?? null,
      limit,
    ],
  );
  return rows;
}

/** What a person does to an alert. */
export type AlertChange =
  | { action: "acknowledged" }
  | { action: "snoozed"; until: Date }
  | { action: "assigned"; userId: number | null; name: string | null }
  | { action: "resolved" };

/** Changes an alert that the transaction has locked, writes that into its history, and tells the live stream. */
export async function changeAlert(
  client: PoolClient,
  id: number,
  principal: Principal,
  change: AlertChange,
  note: string | undefined,
): Promise<void> {
  const actor = principalName(principal);
  const update = (assignments: string, ...values: unknown[]) =>
    client.query(`UPDATE alerts SET ${assignments}, updated_at = now(), version = version + 1 WHERE id = $1`, [
      id,
      ...values,
    ]);
  if (change.action === "acknowledged") {
    await update("state = 'acknowledged', acknowledged_at = now(), acknowledged_by = $2, snoozed_until = NULL", actor);
  } else if (change.action === "snoozed") {
    await update("state = 'snoozed', snoozed_until = $2", change.until);
  } else if (change.action === "assigned") {
    await update("assigned_to = $2", change.userId);
  } else {
    await update(
      "state = 'resolved', resolved_at = now(), resolved_by = $2, resolution = $3, snoozed_until = NULL",
      actor,
      note ?? null,
    );
  }
  await client.query("INSERT INTO alert_events (alert_id, action, actor, note) VALUES ($1, $2, $3, $4)", [
    id,
    change.action,
    actor,
    noteOf(change, note),
  ]);
  await client.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ alerts: [id] })]);
}

function noteOf(change: AlertChange, note: string | undefined): string | null {
  const parts = [note];
  if (change.action === "snoozed") parts.unshift(`until ${change.until.toISOString()}`);
  if (change.action === "assigned") parts.unshift(change.name ?? "nobody");
  return parts.filter((part) => part !== undefined).join(": ") || null;
}
