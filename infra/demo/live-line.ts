import type pg from "pg";
import type { Conditions } from "../supervisor/ipc.ts";

const EVERY_MS = 1_000;

interface Figures {
  stored: number;
  production: number;
  storage: number;
  transportation: number;
  delivery: number;
}

/** What is known right now: readings stored so far, and how many shipments are in each stage. */
async function selectFigures(pool: pg.Pool): Promise<Figures> {
  const { rows } = await pool.query<Figures>(`
    SELECT (SELECT coalesce(sum(stored), 0)::float8 FROM device_states) AS stored,
           count(*) FILTER (WHERE stage = 'production')::int AS production,
           count(*) FILTER (WHERE stage = 'storage')::int AS storage,
           count(*) FILTER (WHERE stage = 'transportation')::int AS transportation,
           count(*) FILTER (WHERE stage = 'delivery')::int AS delivery
      FROM shipments`);
  const [figures] = rows;
  if (figures === undefined) throw new Error("an aggregate without a row");
  return figures;
}

/** Says one line every second, from the database and from what the processes report, until it is closed. */
export function startLiveLine(
  pool: pg.Pool,
  conditions: () => Conditions,
  say: (line: string) => void,
): { close(): Promise<void> } {
  let before: { stored: number; at: number } | undefined;
  let running: Promise<void> | undefined;

  async function tell(): Promise<void> {
    const at = performance.now();
    const figures = await selectFigures(pool);
    const rate = before && ((figures.stored - before.stored) * 1000) / (at - before.at);
    before = { stored: figures.stored, at };
    if (rate !== undefined) say(lineOf(figures, rate, conditions()));
  }

  const timer = setInterval(() => {
    running ??= tell()
      .catch((error: unknown) => say(`no figures now: ${(error as Error).message}`))
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

function lineOf(figures: Figures, rate: number, conditions: Conditions): string {
  const { stored, production, storage, transportation, delivery } = figures;
  const backlog = conditions["lag"]?.detail;
  const unwell = Object.entries(conditions).filter(([, { ok }]) => !ok);
  return [
    new Date().toTimeString().slice(0, 8),
    `${grouped(Math.round(rate)).padStart(6)} readings/s`,
    `${grouped(stored)} stored`,
    `shipments: ${production} production, ${storage} storage, ${transportation} transportation, ${delivery} delivery`,
    typeof backlog === "number" ? `backlog ${grouped(Math.round(backlog / 1024))} KiB` : "backlog unknown",
    ...unwell.map(([part, { detail }]) => `${part}: ${detail ?? "not well"}`),
  ].join("  ");
}
