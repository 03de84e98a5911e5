import type { Pool } from "pg";
import type { Sealer } from "../../auth/sealing.ts";

export interface ErpDeps {
  pool: Pool;
  sealer: Sealer;
  /** hosts with private addresses that an ERP may be at */
  allowedHosts: readonly string[];
}
