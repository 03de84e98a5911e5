import type pg from "pg";
import type { Logger } from "pino";
import type { Components } from "../runtime/components.ts";
import type { InitialLoading } from "./world.ts";

/** The parts that the composition root hands to a bench. */
export interface BenchContext {
  components: Components;
  log: Logger;
  /** creates and loads shipments by the path that the API takes for a person */
  load: (pool: pg.Pool) => (loadings: readonly InitialLoading[]) => Promise<void>;
  /** creates the administrator whose token asks the API */
  createAdmin: (pool: pg.Pool, account: { email: string; password: string }) => Promise<void>;
}
