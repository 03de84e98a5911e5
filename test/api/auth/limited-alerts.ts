import { common, hidden, type Trial, UNKNOWN } from "./limited-trial.ts";

const id = { id: UNKNOWN };
const alert = (more: object = {}): Trial => ({ kind: "one", ids: (s) => ({ id: s.alert }), unknown: id, ...more });

/** The operations on alerts, their rules, and the rules by which people are told of them. */
export const ALERT_TRIALS: Readonly<Record<string, Trial>> = {
  "GET /alerts": { kind: "list", key: (s) => s.alert },
  "GET /alerts/assignees": common("people with the same limits; none of theirs is told"),
  "GET /alerts/{id}": alert(),
  "GET /alerts/{id}/history": alert(),
  "GET /alerts/{id}/deliveries": alert(),
  "POST /alerts/{id}/ack": alert({ body: () => ({}) }),
  "POST /alerts/{id}/snooze": alert({ body: () => ({ minutes: 60 }) }),
  "POST /alerts/{id}/assign": alert({ body: () => ({ user_id: null }) }),
  "POST /alerts/{id}/resolve": alert({ body: () => ({}), last: true }),
  "GET /alert-rules": hidden(),
  "POST /alert-rules": hidden(),
  "POST /alert-rules/dry-run": hidden(),
  "GET /alert-rules/{id}": hidden(),
  "PUT /alert-rules/{id}": hidden(),
  "DELETE /alert-rules/{id}": hidden(),
  "GET /notification-rules": hidden(),
  "POST /notification-rules": hidden(),
  "GET /notification-rules/{id}": hidden(),
  "PUT /notification-rules/{id}": hidden(),
  "DELETE /notification-rules/{id}": hidden(),
  "POST /notification-rules/{id}/test": hidden(),
  "GET /notification-rules/{id}/deliveries": hidden(),
  "GET /notification-rules/{id}/secrets": hidden(),
  "POST /notification-rules/{id}/secrets": hidden(),
  "DELETE /notification-rules/{id}/secrets/{secret_id}": hidden(),
};
