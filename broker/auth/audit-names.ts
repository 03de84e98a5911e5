import { sha256Hex } from "./authenticate.ts";
import type { CredentialCache } from "./credential-cache.ts";

/**
 * The name under which a denied client stands in the audit: the id of its device or service account when that is known,
 * else the beginning of a hash. What a client claims to be may be its secret: ThingsBoard firmware sends that as user
 * name, and people put it into the wrong field. `printf %s SECRET | sha256sum` finds a device's rows again.
 * @param claims what it claims to be, best proof first
 */
export function auditName(claims: readonly (string | undefined)[], credentials: CredentialCache): string {
  const given = claims.filter((claim) => claim !== undefined && claim !== "") as string[];
  for (const claim of given) {
    if (credentials.device(claim) ?? credentials.account(claim)) return claim;
    const device = credentials.deviceByAccessToken(sha256Hex(claim));
    if (device) return device.id;
  }
  return given[0] === undefined ? "nobody" : `#${sha256Hex(given[0]).slice(0, 8)}`;
}
