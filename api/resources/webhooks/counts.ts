import type { Pool } from "pg";
import { DELIVERY_STATES } from "./schema.ts";

/** Deliveries in the log, by state; also states that none has. */
export async function countDeliveries(
  pool: Pool,
): Promise<{ state: (typeof DELIVERY_STATES)[number]; count: number }[]> {
  const { rows } = await pool.query<{ state: string; count: number }>({
    name: "count_webhook_deliveries",
    text: "SELECT state, count(*)::int AS count FROM webhook_deliveries GROUP BY state",
  });
  const counts = new Map(rows.map(({ state, count }) => [state, count]));
  return DELIVERY_STATES.map((state) => ({ state, count: counts.get(state) ?? 0 }));
}

/** Webhooks by how they are. */
export async function countWebhooks(pool: Pool): Promise<Record<"ok" | "failing" | "off" | "disabled", number>> {
  const { rows } = await pool.query<Record<"ok" | "failing" | "off" | "disabled", number>>({
    name: "count_webhooks",
    text: `SELECT (count(*) FILTER (WHERE enabled AND failing_since IS NULL))::int AS ok,
        (count(*) FILTER (WHERE enabled AND failing_since IS NOT NULL))::int AS failing,
        (count(*) FILTER (WHERE NOT enabled AND disabled_reason IS NULL))::int AS off,
        (count(*) FILTER (WHERE disabled_reason IS NOT NULL))::int AS disabled
      FROM webhooks`,
  });
  return rows[0]!;
}
