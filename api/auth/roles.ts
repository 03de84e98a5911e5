/** The roles of users. */
export const ROLES = ["admin", "manager", "operator", "sales", "viewer", "auditor"] as const;
export type Role = (typeof ROLES)[number];

/**
 * The callers that an endpoint allows: everybody without signing in, or users with one of these roles. Every endpoint states it
 * (`access` in `api/http/endpoint-spec.ts`); `authorize.ts` checks it before the handler runs.
 */
export type Access = "public" | readonly Role[];

/** Every user, whatever the role. */
export const SIGNED_IN: readonly Role[] = [...ROLES];
/** Places and changes orders. */
export const ORDERING: readonly Role[] = ["sales", "operator", "manager", "admin"];
/** Moves, counts and hands over goods. */
export const HANDLING: readonly Role[] = ["operator", "manager", "admin"];
/** Maintains master data, devices and the rules for stock. */
export const MANAGEMENT: readonly Role[] = ["manager", "admin"];
/** Reads the audit log. */
export const AUDITING: readonly Role[] = ["manager", "auditor", "admin"];
/** Maintains users. */
export const ADMINISTRATION: readonly Role[] = ["admin"];

/** Whether this role may do what an endpoint leaves to managers inside a wider access, e.g. set a reorder point. */
export const canManage = (role: Role): boolean => MANAGEMENT.includes(role);

/** What a role may do beside reading, in one word each; the page shows the buttons of these. */
const ROLES_OF = {
  order: ORDERING,
  handle: HANDLING,
  manage: MANAGEMENT,
  audit: AUDITING,
  administer: ADMINISTRATION,
} as const;
export type Permission = keyof typeof ROLES_OF;
export const PERMISSIONS = Object.keys(ROLES_OF) as Permission[];

export const permissionsOf = (role: Role): Permission[] =>
  PERMISSIONS.filter((permission) => ROLES_OF[permission].includes(role));
