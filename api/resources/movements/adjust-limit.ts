import type { Principal } from "../../auth/principal.ts";
import { canManage } from "../../auth/roles.ts";
import { Problem } from "../../http/problem.ts";

/** By how much an operator may change a level: at most the larger of the two. */
export interface AdjustLimit {
  /** of the level, 0 to 1 */
  share: number;
  /** base units */
  units: number;
}

/** @throws Problem 403 when only a manager may change this level by so much */
export function assertMayAdjust(
  { role }: Pick<Principal, "role">,
  { share, units }: AdjustLimit,
  { level, isMeasured }: { level: number; isMeasured: boolean },
  change: number,
): void {
  // Where nothing is known yet there is nothing to be changed by too much.
  if (canManage(role) || !isMeasured) return;
  const most = Math.max(units, Math.floor(share * level));
  if (Math.abs(change) <= most) return;
  throw new Problem(403, `an operator may change this level by at most ${most}; a manager may change it by more`);
}
