import { decodeJwt } from "jose";
import { Problem } from "../../http/problem.ts";
import { haveSameLimits } from "../limits.ts";
import type { UserPrincipal } from "../principal.ts";
import { ROLES } from "../roles.ts";
import type { OidcProvider } from "./provider.ts";
import type { OidcUsers } from "./users.ts";

/** Finds the user behind an access token of the external provider. */
export class OidcBearer {
  readonly #provider: OidcProvider;
  readonly #users: OidcUsers;

  constructor(provider: OidcProvider, users: OidcUsers) {
    this.#provider = provider;
    this.#users = users;
  }

  /** Whether the claim `iss` of a token names the provider. The signature is not checked here, and no key is asked for. */
  isIssuerOf(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.#provider.settings.issuer;
    } catch {
      return false;
    }
  }

  /**
   * @returns undefined for anything but a valid token of an active user
   * @throws Problem 403 when the token names no role, 503 while the provider is away and none of its keys is known
   */
  async byAccessToken(token: string): Promise<UserPrincipal | undefined> {
    const identity = await this.#provider.verifyAccessToken(token);
    if (!identity) return undefined;
    if (identity.role === undefined) throw noRole(this.#provider.settings.rolesClaim);
    const user = await this.#users.findOrAdd(identity, identity.role);
    if (!user.active) return undefined;
    return {
      kind: "user",
      id: user.id,
      sessionId: null,
      email: user.email,
      role: identity.role,
      limits: { locationIds: user.location_ids, ownerIds: user.owner_ids },
      endsAtMs: performance.now() + (identity.expiresAt - Date.now()),
      authMethod: "bearer",
    };
  }

  async isValid({ id, endsAtMs, limits }: UserPrincipal): Promise<boolean> {
    if (endsAtMs !== undefined && performance.now() >= endsAtMs) return false;
    const now = await this.#users.limitsOfActive(id);
    return now !== undefined && haveSameLimits(now, limits);
  }

  clearCache(): void {
    this.#users.clearCache();
  }
}

const noRole = (claim: string): Problem =>
  new Problem(403, `the claim ${claim} of the token names no role: it needs one of ${ROLES.join(", ")}`);
