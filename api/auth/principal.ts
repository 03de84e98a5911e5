import type { Role } from "./roles.ts";

/** Who is asking. */
export interface Principal {
  userId: number;
  sessionId: string;
  email: string;
  role: Role;
  /** `cookie`: the page. Its writes must carry `X-Requested-With`, so that no other page can send them. */
  authMethod: "cookie" | "bearer";
}

/** How a principal is named in the audit and as the owner of idempotency keys. */
export const principalName = (principal: Pick<Principal, "userId">): string => `user:${principal.userId}`;
