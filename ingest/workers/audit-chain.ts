import type { Pool } from "pg";
import type { Logger } from "pino";
import { chainAudit } from "../stores/queries/retention/audit-chain.ts";
import { type Loop, startLoop } from "./loop.ts";

/** An entry is chained within this time of its commit. */
const INTERVAL_MS = 2_000;
const BATCH_SIZE = 500;

/** Chains the entries of the audit by their hashes, those of API and brokers. Any number of nodes may run it. */
export function startAuditChain(pool: Pool, log: Logger): Loop {
  return startLoop("audit chain", async () => (await chainAudit(pool, BATCH_SIZE)) > 0, log, INTERVAL_MS);
}
