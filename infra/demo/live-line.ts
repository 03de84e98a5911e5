import type pg from "pg";
import type { Health } from "../supervisor/health.ts";

const EVERY_MS = 1_000;

interface Totals {
  stored: number;
  production: number;
  storage: number;
  transportation: number;
  delivery: number;
}

/** The number of readings stored so far, and of shipments in each stage. */
async function selectTotals(pool: pg.Pool): Promise<Totals> {
  const { rows } = await pool.query<Totals>(`
    SELECT (SELECT coalesce(sum(stored), 0)::float8 FROM device_states) AS stored,
           count(*) FILTER (WHERE stage = 'production')::int AS production,
           count(*) FILTER (WHERE stage = 'storage')::int AS storage,
           count(*) FILTER (WHERE stage = 'transportation')::int AS transportation,
           count(*) FILTER (WHERE stage = 'delivery')::int AS delivery
      FROM shipments`);
  const [totals] = rows;
  if (totals === undefined) throw new Error("the query of the totals returned no row");
  return totals;
}

/** Shows one line every second, from the database and from the health of the processes, until it is closed. */
export function startLiveLine(
  pool: pg.Pool,
  health: () => Health,
  show: (line: string) => void,
): { close(): Promise<void> } {
  let before: { stored: number; at: number } | undefined;
  let running: Promise<void> | undefined;

  async function update(): Promise<void> {
    const at = performance.now();
    const totals = await selectTotals(pool);
    const rate = before && ((totals.stored - before.stored) * 1000) / (at - before.at);
    before = { stored: totals.stored, at };
    if (rate !== undefined) show(formatLine(totals, rate, health()));
  }

  const timer = setInterval(() => {
    running ??= update()
      .catch((error: unknown) => show(`cannot read the totals: ${(error as Error).message}`))
      .finally(() => (running = undefined));
  }, EVERY_MS);

  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

const thousands = new Intl.NumberFormat("en");
const grouped = (value: number) => thousands.format(value);

function formatLine(totals: Totals, rate: number, health: Health): string {
  const { stored, production, storage, transportation, delivery } = totals;
  const backlog = health["lag"]?.detail;
  const unhealthy = Object.entries(health).filter(([, { ok }]) => !ok);
  return [
    new Date().toTimeString().slice(0, 8),
    `${grouped(Math.round(rate)).padStart(6)} readings/s`,
    `${grouped(stored)} stored`,
    `shipments: ${production} production, ${storage} storage, ${transportation} transportation, ${delivery} delivery`,
    typeof backlog === "number" ? `backlog ${grouped(Math.round(backlog / 1024))} KiB` : "backlog unknown",
    ...unhealthy.map(([part, { detail }]) => `${part}: ${detail ?? "unhealthy"}`),
  ].join("  ");
}
