import type { Evidence } from "../../ingest/domain/fact.ts";
import type { Role } from "./roles.ts";

/** What a principal may see; null: no limit. For what lies outside of it, an endpoint answers as if it did not exist. */
export interface Limits {
  locationIds: readonly number[] | null;
  ownerIds: readonly number[] | null;
}

interface Identity {
  /** of the row in `users` or `api_clients` */
  id: number;
  role: Role;
  limits: Limits;
  /** milliseconds of the monotonic clock when its rights end by themselves; undefined: they are checked now and then */
  endsAtMs?: number | undefined;
}

/** A person. */
export interface UserPrincipal extends Identity {
  kind: "user";
  /** null: a token of the external identity provider, which has no session here */
  sessionId: string | null;
  email: string;
  /** `cookie` is the dashboard: its writes must carry `X-Requested-With` against CSRF (auth/authorize.ts) */
  authMethod: "cookie" | "bearer";
}

/** A system that signs in with a client id and a secret (RFC 6749 §4.4). */
export interface ClientPrincipal extends Identity {
  kind: "client";
  clientId: string;
  /** what the administrator called it */
  name: string;
  /** what its access token was issued for; the token ends with it */
  grant: string;
  authMethod: "bearer";
}

/** The sender of a request: a user or an API client. */
export type Principal = UserPrincipal | ClientPrincipal;

/** The name of a principal in the audit log and as owner of idempotency keys, e.g. `user:7` or `client:3`. */
export const principalName = ({ kind, id }: Pick<Principal, "kind" | "id">): string => `${kind}:${id}`;

/** The reporter of a fact, as its evidence and its column name one. A fact by an API client has no user. */
export const reporterOf = ({ kind, id }: Principal): { evidence: Evidence[]; actorId?: number } =>
  kind === "user" ? { evidence: [{ actor_id: id }], actorId: id } : { evidence: [{ client_id: id }] };

/** The user behind a principal, for columns that name a user; null: an API client, whom the audit names. */
export const userIdOf = ({ kind, id }: Principal): number | null => (kind === "user" ? id : null);
