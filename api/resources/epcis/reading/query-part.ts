import type { Context } from "hono";
import type { ApiEnv } from "../../../deps.ts";
import { PAGE_PARAMETERS } from "./schema.ts";

/** The parameters of an address that are the query, each with all its values. */
export const queryPart = (c: Context<ApiEnv>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(c.req.queries()).filter(([name]) => !PAGE_PARAMETERS.includes(name)));
