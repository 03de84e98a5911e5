import { afterAll, beforeAll, expect, test } from "vitest";
import { pino } from "pino";
import { migrate } from "../../../infra/postgres/migrate.ts";
import { NOT_LIMITED, rulesOf } from "../../../infra/postgres/limits/rules.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

const SCHEMAS = ["limited_to_places", "limited_to_owners", "limited_to_both"];
const LIMITED = Object.keys(rulesOf({ places: true, owners: true }, "any"));
let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db?.drop());

/** Tables of the platform itself and of ingest: endpoints for principals with limits show nothing of them. */
const INTERNAL =
  /^(?:users|sessions|second_factors|recovery_codes|known_places|setup_tokens|signing_keys|audit|audit_chain|idempotency_keys|api_clients|api_client_secrets|service_accounts|device_profiles|oidc_\w+|migrations|registry_\w+|broker_nodes|ingest_nodes|cursors|timers|fold_versions|tag_states|signal_checkpoints|unit_dwells|closed_dwells|imports|import_errors|alert_rules|alert_conditions|reading_\w+|\w+_readings|rfid_reads|scans|status_reports|raw_messages|late_\w+|failed_\w+|refused_\w+)$/;

test("every table is limited, or it is said why not", async () => {
  const { rows } = await db.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
  );
  expect(rows.length).toBeGreaterThan(30);
  const unknown = rows
    .map(({ name }) => name)
    .filter((name) => !LIMITED.includes(name) && !(name in NOT_LIMITED) && !INTERNAL.test(name));
  expect(unknown).toEqual([]);
});

test("a view has the columns of its table, after a later change of the table too", async () => {
  await db.pool.query("INSERT INTO locations (name) VALUES ('yard')");
  const columns = async (schema: string): Promise<unknown> =>
    (
      await db.pool.query(
        `SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = $1 AND table_name = ANY($2) ORDER BY table_name, ordinal_position`,
        [schema, LIMITED],
      )
    ).rows;
  for (const schema of SCHEMAS) expect(await columns(schema)).toEqual(await columns("public"));
  // A version with another schema finds the views of this one.
  await db.pool.query(
    "COMMENT ON SCHEMA limited IS 'of another version'; ALTER TABLE locations ADD COLUMN colour text",
  );
  const log = pino({ level: "silent" });
  await Promise.all([migrate(db.url, log), migrate(db.url, log)]);
  for (const schema of SCHEMAS) expect(await columns(schema)).toEqual(await columns("public"));
});

test("a transaction that has not said whose limits it is under reads nothing by the views", async () => {
  const client = await db.pool.connect();
  try {
    await client.query("BEGIN; SET LOCAL search_path TO limited_to_places, public");
    await expect(client.query("SELECT * FROM locations")).rejects.toThrow(/waystock\.\w+/);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
});
