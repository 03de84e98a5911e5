import { createHmac } from "node:crypto";
import pg from "pg";
import { type Cluster, OWNER } from "./cluster.ts";
import { clusterUrl } from "./supervisor-lock.ts";

/**
 * The role under which the platform works. It owns the database and what is in it, and has no further rights: whoever
 * injects SQL into a query cannot read files, start programs, or make roles. The superuser, which the cluster was made
 * with, only supervises the server.
 */
const ROLE = "waystock_platform";
/** Two supervisors may start at once. */
const LOCK_KEY = 872_041_998;

/** Derived from the superuser's, which it does not reveal, so there is no second file to keep. */
const passwordOf = ({ password }: Cluster): string =>
  createHmac("sha256", password).update(ROLE, "utf8").digest("base64url");

/** The URL of the platform's database for the platform's role. */
export function platformUrl(cluster: Cluster, port: number): string {
  const url = new URL(clusterUrl(cluster, port, OWNER));
  url.username = ROLE;
  url.password = passwordOf(cluster);
  return url.href;
}

/** Everything in the database that the role does not own yet, as statements that change that. Extensions keep their owner. */
const STATEMENTS = `
  WITH role AS (SELECT oid FROM pg_roles WHERE rolname = '${ROLE}'),
    spaces AS (SELECT oid, nspname, nspowner FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'),
    members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
  SELECT format('ALTER SCHEMA %I OWNER TO ${ROLE}', nspname) AS statement FROM spaces, role
    WHERE nspname <> 'public' AND nspowner <> role.oid
  UNION ALL
  SELECT format('ALTER %s %s OWNER TO ${ROLE}', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
    FROM pg_class c JOIN spaces ON spaces.oid = c.relnamespace, role
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relowner <> role.oid
      AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM members)
      -- a sequence that belongs to a column follows its table
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.deptype IN ('a', 'i'))
  UNION ALL
  SELECT format('ALTER ROUTINE %s OWNER TO ${ROLE}', p.oid::regprocedure)
    FROM pg_proc p JOIN spaces ON spaces.oid = p.pronamespace, role
    WHERE p.proowner <> role.oid AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM members)
  UNION ALL
  SELECT format('ALTER TYPE %s OWNER TO ${ROLE}', t.oid::regtype)
    FROM pg_type t JOIN spaces ON spaces.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid, role
    WHERE t.typowner <> role.oid AND (t.typtype IN ('d', 'e', 'r') OR c.relkind = 'c')
      AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM members)`;

/**
 * Makes the role, and the owner of the database and of all that is in it. Databases of earlier versions, in which the
 * superuser owns everything, are brought there; where all is in place nothing is written.
 */
export async function ensurePlatformRole(cluster: Cluster, port: number): Promise<void> {
  const client = new pg.Client({
    connectionString: clusterUrl(cluster, port, OWNER),
    application_name: "waystock supervisor",
    connectionTimeoutMillis: 5000,
  });
  try {
    await client.connect();
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
    const { rows } = await client.query<{ plain: boolean }>(
      `SELECT NOT (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls) AS plain
        FROM pg_roles WHERE rolname = '${ROLE}'`,
    );
    const rights = "LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS";
    if (rows[0] === undefined) {
      const password = client.escapeLiteral(passwordOf(cluster));
      await client.query(`CREATE ROLE ${ROLE} ${rights} PASSWORD ${password}`);
    } else if (!rows[0].plain) await client.query(`ALTER ROLE ${ROLE} ${rights}`);
    const { rowCount } = await client.query(
      "SELECT FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE d.datname = $1 AND r.rolname = $2",
      [OWNER, ROLE],
    );
    if (rowCount === 0) await client.query(`ALTER DATABASE ${OWNER} OWNER TO ${ROLE}`);
    const foreign = await client.query<{ statement: string }>(STATEMENTS);
    for (const { statement } of foreign.rows) await client.query(statement);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}
