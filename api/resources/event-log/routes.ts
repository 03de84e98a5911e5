import type { Pool } from "pg";
import { AUDITING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { readEventLog } from "./queries.ts";
import { eventLog } from "./schema.ts";

/** How far the log of events is behind, and those who hand it on. */
export function registerEventLog(endpoints: Endpoints, pool: Pool): void {
  endpoints.read(
    {
      route: "GET /event-log",
      access: AUDITING,
      tag: "Integration",
      summary: "How far what other systems are told is behind what has happened",
      response: eventLog,
    },
    async () => ({ status: 200, body: await readEventLog(pool) }),
  );
}
