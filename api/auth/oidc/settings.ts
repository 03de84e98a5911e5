/** An external identity provider (OpenID Connect). */
export interface OidcSettings {
  /** exactly as the provider writes it in `iss` */
  issuer: string;
  /** `aud` of access tokens for this API; without it none is accepted */
  audience?: string | undefined;
  /** the claim that names roles; with dots inside other claims, e.g. `realm_access.roles` */
  rolesClaim: string;
  /** of sign-in in the browser; without it there is none */
  clientId?: string | undefined;
  clientSecret?: string | undefined;
}
