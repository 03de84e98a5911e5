import type { Pool } from "pg";
import { isLimited } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { HANDLING } from "../../auth/roles.ts";
import { integerArray } from "../../http/rows.ts";

/** Who has done something: a person, or a system that reports for people. */
export type Actor = Pick<Principal, "kind" | "id">;

/** Names of actors; undefined: there is none, or none that the caller may see. */
export type ActorNames = (actor: Actor | undefined) => string | undefined;

const keyOf = ({ kind, id }: Actor): string => `${kind}:${id}`;

/**
 * Names of people and of API clients; whoever handles goods sees the e-mail address of people without a name. Under limits a caller sees those of the same limits, as with the people
 * an alert can be assigned to: a customer who follows its goods is not told who works in the house.
 */
export async function readActorNames(
  pool: Pool,
  { limits, role }: Pick<Principal, "limits" | "role">,
  actors: readonly Actor[],
): Promise<ActorNames> {
  const idsOf = (of: Actor["kind"]) => [...new Set(actors.flatMap(({ kind, id }) => (kind === of ? id : [])))];
  const [users, clients] = [idsOf("user"), idsOf("client")];
  if (users.length + clients.length === 0) return () => undefined;
  const seen = `(NOT $3::boolean OR (location_ids IS NOT DISTINCT FROM $4::int[] AND owner_ids IS NOT DISTINCT FROM $5::int[]))`;
  const { rows } = await pool.query<Actor & { name: string }>({
    name: "api_actor_names",
    text: `SELECT * FROM (SELECT 'user' AS kind, id, coalesce(name, CASE WHEN $6::boolean THEN email END) AS name FROM users WHERE id = ANY ($1::int[]) AND ${seen}
      UNION ALL SELECT 'client', id, name FROM api_clients WHERE id = ANY ($2::int[]) AND ${seen}) n WHERE name IS NOT NULL`,
    values: [
      users,
      clients,
      isLimited(limits),
      integerArray(limits.locationIds) ?? null,
      integerArray(limits.ownerIds) ?? null,
      HANDLING.includes(role),
    ],
  });
  const names = new Map(rows.map((row) => [keyOf(row), row.name]));
  return (actor) => actor && names.get(keyOf(actor));
}
