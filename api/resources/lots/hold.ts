import type { PoolClient } from "pg";
import { moveLotsOnHold, moveReleasedLot } from "../../../ingest/decisions/record-facts.ts";
import { isLimited, leaveLimits } from "../../auth/limits.ts";
import { type Principal, reporterOf, userIdOf } from "../../auth/principal.ts";
import { Problem } from "../../http/problem.ts";
import { closeHold, openHold } from "./queries.ts";
import type { Lot } from "./schema.ts";

/** Goods that are moved by one statement. */
const AT_ONCE = 200;

/**
 * Puts a lot on hold, wherever it is: what is good of it is moved to the positions of condition `hold`, and what comes later is
 * moved there too.
 * @throws Problem 409 when it is on hold already, 403 for who sees only a part of the stock
 */
export async function holdLot(client: PoolClient, principal: Principal, lot: Lot, reason: string): Promise<void> {
  assertSeesAll(principal);
  if (lot.on_hold) throw new Problem(409, `lot ${lot.number} is on hold already: ${lot.hold_reason}`);
  await leaveLimits(client);
  await openHold(client, lot.id, reason, userIdOf(principal));
  while ((await moveLotsOnHold(client, reporterOf(principal), lot.id, AT_ONCE)) === AT_ONCE);
}

/** Releases a lot: what is on hold of it is good again. @throws Problem as `holdLot` */
export async function releaseLot(client: PoolClient, principal: Principal, lot: Lot, reason: string): Promise<void> {
  assertSeesAll(principal);
  if (!lot.on_hold) throw new Problem(409, `lot ${lot.number} is not on hold`);
  await leaveLimits(client);
  await closeHold(client, lot.id, reason, userIdOf(principal));
  await moveReleasedLot(client, reporterOf(principal), lot.id);
}

function assertSeesAll({ limits }: Principal): void {
  if (isLimited(limits)) {
    throw new Problem(403, "a hold concerns the lot wherever it is: only who sees all stock may hold or release it");
  }
}
