import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { expect, test } from "vitest";
import { migrate } from "../../../infra/postgres/migrate.ts";
import { temporaryFolder, startEmbedded } from "../../support/embedded.ts";

const ask = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
};

/** Without what an extension brought: that stays the superuser's. */
const OWNERS = `SELECT DISTINCT pg_get_userbyid(owner) AS owner FROM (
    SELECT oid, relowner AS owner FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT oid, proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT oid, typowner FROM pg_type WHERE typnamespace = 'public'::regnamespace) all_objects
  WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = all_objects.oid AND deptype = 'e')`;

test("a database that the superuser owned, as earlier versions left it, belongs to a plain role after a start", async (test) => {
  const dataDir = await temporaryFolder(test);
  const log = pino({ level: "silent" });
  const first = await startEmbedded(test, { dataDir });
  const superuser = new URL(first.url);
  superuser.username = "waystock";
  superuser.password = (await readFile(join(dataDir, "postgres/cluster/waystock-password"), "utf8")).trim();
  // As an earlier version made it: everything is the superuser's, and there is no other role.
  await ask(superuser.href, "ALTER DATABASE waystock OWNER TO waystock");
  await migrate(superuser.href, log);
  await ask(
    superuser.href,
    `CREATE TYPE colour AS ENUM ('red'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE SEQUENCE loose;
     CREATE VIEW seen AS SELECT 1 AS one; CREATE SCHEMA other; CREATE TABLE other.kept AS SELECT 7 AS value;
     INSERT INTO vehicles (name) VALUES ('kept'); DROP ROLE waystock_platform`,
  );
  expect(await ask(superuser.href, OWNERS)).toEqual([{ owner: "waystock" }]);
  await first.close();

  const second = await startEmbedded(test, { dataDir });
  expect(await ask(second.url, OWNERS)).toEqual([{ owner: "waystock_platform" }]);
  expect(await ask(second.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).toEqual([
    { rolsuper: false },
  ]);
  expect(await ask(second.url, "SELECT v.name, k.value FROM vehicles v, other.kept k")).toEqual([
    { name: "kept", value: 7 },
  ]);
  // What migrations and the platform do: change tables, replace functions, make partitions.
  await ask(
    second.url,
    "ALTER TABLE vehicles ADD COLUMN x int; DROP FUNCTION device_changed() CASCADE; SELECT nextval('loose')",
  );
  expect(await migrate(second.url, log)).toEqual([]);
}, 60_000);
