import type { JWTPayload } from "jose";
import { email as emailSchema } from "../../resources/users/schema.ts";
import type { Role } from "../roles.ts";

/** Whom a provider vouches for. */
export interface OidcIdentity {
  issuer: string;
  subject: string;
  email: string | undefined;
  name: string | undefined;
  /** the highest role that its claim names; undefined: none */
  role: Role | undefined;
}

/** A claim that names several roles gives the first of these. */
const HIGHEST_FIRST: readonly Role[] = ["admin", "manager", "operator", "sales", "auditor", "viewer"];

/** @param subject `sub` of the claims */
export function identityOf(claims: JWTPayload, issuer: string, subject: string, rolesClaim: string): OidcIdentity {
  const { email, name } = claims;
  const known = claims["email_verified"] === false ? undefined : emailSchema.safeParse(email).data;
  return {
    issuer,
    subject,
    email: known,
    name: typeof name === "string" && name.trim() !== "" ? name.trim().slice(0, 255) : undefined,
    role: roleOf(claimAt(claims, rolesClaim)),
  };
}

/** A claim by its whole name, or else by names inside each other. */
export function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split(".").reduce<unknown>((value, name) => {
    const isObject = typeof value === "object" && value !== null && Object.hasOwn(value, name);
    return isObject ? (value as Record<string, unknown>)[name] : undefined;
  }, claims);
}

/** Role names as an array, or as one text between blanks or commas. */
function roleOf(value: unknown): Role | undefined {
  const names: unknown[] = typeof value === "string" ? value.split(/[\s,]+/) : Array.isArray(value) ? value : [];
  return HIGHEST_FIRST.find((role) => names.includes(role));
}
