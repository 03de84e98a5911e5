import type { Role } from "./roles.ts";

/** The user and session behind a request. */
export interface Principal {
  userId: number;
  sessionId: string;
  email: string;
  role: Role;
  /** `cookie` is the dashboard: its writes must carry `X-Requested-With` against CSRF (auth/authorize.ts) */
  authMethod: "cookie" | "bearer";
}

/** The name of a principal in the audit log and as owner of idempotency keys, e.g. `user:7`. */
export const principalName = (principal: Pick<Principal, "userId">): string => `user:${principal.userId}`;
