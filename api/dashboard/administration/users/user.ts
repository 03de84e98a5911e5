// Users as the API tells them.

import type { Schemas } from "../../../client/index.ts";

export const ROLES = ["admin", "manager", "operator", "sales", "viewer", "auditor"] as const;

/** What each role may do beside reading, in a few words. */
export const ROLE_HINTS: Record<(typeof ROLES)[number], string> = {
  admin: "everything, and users",
  manager: "everything but users",
  operator: "scans, moves and counts goods",
  sales: "creates and changes orders",
  viewer: "reads only",
  auditor: "reads, with the audit log",
};

export type User = Schemas["User"];

/** A link that works once, and is shown only now. */
export type OneTimeLink = Schemas["OneTimeLink"];
