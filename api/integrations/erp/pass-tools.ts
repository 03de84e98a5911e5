import type { Pool, PoolClient } from "pg";
import type { PackingTools } from "../../resources/orders/pack.ts";
import type { ErpAdapter } from "./adapter.ts";
import type { Connection } from "./connections.ts";

/** What one pass over a connection works with. */
export interface Pass extends PackingTools {
  pool: Pool;
  connection: Connection;
  adapter: ErpAdapter;
  /** begins a transaction: it fails when another process works on the connection now */
  owned: (client: PoolClient) => Promise<void>;
  stopping: AbortSignal;
}
