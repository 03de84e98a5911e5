import type { PostgresListener } from "../live/postgres-listener.ts";
import type { ApiClients } from "./api-clients.ts";
import type { OidcBearer } from "./oidc/bearer.ts";
import { type Principal, principalName } from "./principal.ts";
import type { Sessions } from "./sessions.ts";
import type { Tokens } from "./tokens.ts";

/** Finds who is behind a request, of every kind of principal, and tells when a principal may have lost its rights. */
export class Principals {
  readonly #tokens: Tokens;
  readonly #sessions: Sessions;
  readonly #clients: ApiClients;
  readonly #oidc: OidcBearer | undefined;

  constructor(tokens: Tokens, sessions: Sessions, clients: ApiClients, oidc?: OidcBearer) {
    this.#oidc = oidc;
    this.#tokens = tokens;
    this.#sessions = sessions;
    this.#clients = clients;
  }

  /**
   * @returns undefined for anything but a valid token of a principal that may still act
   * @throws Problem 403 when the external identity provider gives no role, 503 while its keys are not to be had
   */
  async byAccessToken(token: string): Promise<Principal | undefined> {
    // Whose token it is, is decided before any key is looked for.
    if (this.#oidc?.isIssuerOf(token) === true) return this.#oidc.byAccessToken(token);
    const claims = await this.#tokens.verify(token);
    if (!claims) return undefined;
    return claims.kind === "user" ? this.#sessions.byClaims(claims) : this.#clients.byClaims(claims);
  }

  byCookie(cookie: string): Promise<Principal | undefined> {
    return this.#sessions.byCookie(cookie);
  }

  /** Whether a principal may still act as it could when it was found. */
  isValid(principal: Principal): Promise<boolean> {
    if (principal.kind === "client") return this.#clients.isValid(principal);
    if (principal.sessionId !== null) return this.#sessions.isValid(principal);
    return this.#oidc?.isValid(principal) ?? Promise.resolve(false);
  }

  /**
   * @param onChanged called with the name of a principal whose rights may have changed; undefined: of any of them
   * @returns a function that ends the subscription
   */
  watch(listener: PostgresListener, onChanged: (principal: string | undefined) => void): () => void {
    const changed = (kind: Principal["kind"]) => (id: number | undefined) => {
      if (kind === "user") this.#oidc?.clearCache();
      onChanged(id === undefined ? undefined : principalName({ kind, id }));
    };
    const ends = [this.#sessions.watch(listener, changed("user")), this.#clients.watch(listener, changed("client"))];
    return () => {
      for (const end of ends) end();
    };
  }
}
