import { type Access, ROLES, type Role } from "../../../api/auth/roles.ts";
import { common, hidden, type Trial } from "./limited-trial.ts";

const managers: readonly Role[] = ["manager", "admin"];
const REPORTS = ["bottlenecks", "dwell", "space", "on-time", "throughput", "turns", "inventory", "vehicles"];
const SCHEDULES = [
  "GET /report-schedules",
  "POST /report-schedules",
  "GET /report-schedules/{id}",
  "PUT /report-schedules/{id}",
  "DELETE /report-schedules/{id}",
  "GET /report-schedules/{id}/deliveries",
];

/** Who may ask what of the whole. */
export const ANALYTICS_ACCESS: Readonly<Record<string, Access>> = {
  ...Object.fromEntries(REPORTS.map((report) => [`GET /analytics/${report}`, ROLES])),
  ...Object.fromEntries(SCHEDULES.map((operation) => [operation, managers])),
};

/** The same under limits. */
export const ANALYTICS_TRIALS: Readonly<Record<string, Trial>> = {
  ...Object.fromEntries(
    REPORTS.map((report) => [
      `GET /analytics/${report}`,
      common("sums of what may be seen; test/api/resources/analytics/files-and-limits.test.ts tries them under limits"),
    ]),
  ),
  ...Object.fromEntries(SCHEDULES.map((operation) => [operation, hidden()])),
};
